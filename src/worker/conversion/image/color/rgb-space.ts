import { apply, diagonal, inverse, multiply, transposed, type Matrix, type Vector } from './matrix.ts';

/** A CIE 1931 chromaticity: x and y. */
export type Chromaticity = readonly [x: number, y: number];

export interface Primaries {
  red: Chromaticity;
  green: Chromaticity;
  blue: Chromaticity;
  white: Chromaticity;
}

/** Converts a coded value X to light, both from 0 to 1: (aX + b) ^ gamma from d up, and cX below. */
export interface Curve {
  gamma: number;
  a: number;
  b: number;
  c: number;
  d: number;
}

export interface RgbSpace {
  primaries: Primaries;
  curve: Curve;
}

export const D65: Chromaticity = [0.3127, 0.329];

export const BT709: Primaries = { red: [0.64, 0.33], green: [0.3, 0.6], blue: [0.15, 0.06], white: D65 };

/** https://www.w3.org/Graphics/Color/sRGB */
export const SRGB_CURVE: Curve = { gamma: 2.4, a: 1 / 1.055, b: 0.055 / 1.055, c: 1 / 12.92, d: 0.04045 };

export const SRGB: RgbSpace = { primaries: BT709, curve: SRGB_CURVE };

export function gammaCurve(gamma: number): Curve {
  return { gamma, a: 1, b: 0, c: 0, d: 0 };
}

/** Returns whether a space is sRGB, as one of the constants above. */
export function isSrgb({ primaries, curve }: RgbSpace): boolean {
  return primaries === BT709 && curve === SRGB_CURVE;
}

/** Returns the matrix from linear RGB to CIE XYZ, with Y = 1 for white. */
export function toXyz({ red, green, blue, white }: Primaries): Matrix {
  const primaries = transposed([xyz(red), xyz(green), xyz(blue)]);
  return multiply(primaries, diagonal(apply(inverse(primaries), whiteXyz(white))));
}

function xyz([x, y]: Chromaticity): Vector {
  return [x, y, 1 - x - y];
}

export function whiteXyz([x, y]: Chromaticity): Vector {
  return [x / y, 1, (1 - x - y) / y];
}
