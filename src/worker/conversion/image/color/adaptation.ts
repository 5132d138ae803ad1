import { apply, diagonal, inverse, multiply, type Matrix, type Vector } from './matrix.ts';
import { toXyz, whiteXyz, type Primaries } from './rgb-space.ts';

/** D50, the white of ICC's profile connection space, as section 7.2.16 of ICC.1 rounds it. */
export const D50: Vector = [0.9642, 1, 0.8249];

/** The Bradford cone response matrix: section E.2 of ICC.1. */
const BRADFORD: Matrix = [
  [0.8951, 0.2664, -0.1614],
  [-0.7502, 1.7135, 0.0367],
  [0.0389, -0.0685, 1.0296],
];

/** Returns the matrix that adapts CIE XYZ from the white of these primaries to D50. */
export function toD50({ white }: Primaries): Matrix {
  const from = apply(BRADFORD, whiteXyz(white));
  const to = apply(BRADFORD, D50);
  const scale = diagonal([to[0] / from[0], to[1] / from[1], to[2] / from[2]]);
  return multiply(inverse(BRADFORD), multiply(scale, BRADFORD));
}

/** Returns the matrix from linear RGB to CIE XYZ, adapted to D50. */
export function toXyzD50(primaries: Primaries): Matrix {
  return multiply(toD50(primaries), toXyz(primaries));
}
