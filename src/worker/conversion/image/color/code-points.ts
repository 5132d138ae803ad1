import {
  BT709,
  D65,
  gammaCurve,
  SRGB_CURVE,
  type Chromaticity,
  type Curve,
  type Primaries,
  type RgbSpace,
} from './rgb-space.ts';

/**
 * The code points of ITU-T H.273: ColourPrimaries (table 2) and TransferCharacteristics (table 3). AVIF, HEIC and PNG
 * use them. https://www.itu.int/rec/T-REC-H.273
 */

const C: Chromaticity = [0.31, 0.316];
const DCI: Chromaticity = [0.314, 0.351];
const E: Chromaticity = [1 / 3, 1 / 3];
const SMPTE170M: Primaries = { red: [0.63, 0.34], green: [0.31, 0.595], blue: [0.155, 0.07], white: D65 };
const P3: Primaries = { red: [0.68, 0.32], green: [0.265, 0.69], blue: [0.15, 0.06], white: D65 };

/** Rec. ITU-R BT.2020 and BT.2100. */
export const BT2020: Primaries = {
  red: [0.708, 0.292],
  green: [0.17, 0.797],
  blue: [0.131, 0.046],
  white: D65,
};

const UNSPECIFIED = 2;

const PRIMARIES: Readonly<Record<number, Primaries>> = {
  1: BT709,
  [UNSPECIFIED]: BT709,
  4: { red: [0.67, 0.33], green: [0.21, 0.71], blue: [0.14, 0.08], white: C },
  5: { red: [0.64, 0.33], green: [0.29, 0.6], blue: [0.15, 0.06], white: D65 },
  6: SMPTE170M,
  7: SMPTE170M,
  8: { red: [0.681, 0.319], green: [0.243, 0.692], blue: [0.145, 0.049], white: C },
  9: BT2020,
  10: { red: [1, 0], green: [0, 1], blue: [0, 0], white: E },
  11: { ...P3, white: DCI },
  12: P3,
  22: { red: [0.63, 0.34], green: [0.295, 0.605], blue: [0.155, 0.077], white: D65 },
};

/** SMPTE ST 240. */
const ST240: Curve = { gamma: 1 / 0.45, a: 1 / 1.1115, b: 0.1115 / 1.1115, c: 1 / 4, d: 0.0913 };
/** SMPTE ST 428-1: (X ^ 2.6) × 52.37 / 48. */
const ST428: Curve = { ...gammaCurve(2.6), a: (52.37 / 48) ** (1 / 2.6) };

const CURVES: Readonly<Record<number, Curve>> = {
  [UNSPECIFIED]: SRGB_CURVE,
  4: gammaCurve(2.2),
  5: gammaCurve(2.8),
  7: ST240,
  8: gammaCurve(1),
  13: SRGB_CURVE,
  17: ST428,
};

/** The camera curves of video: BT.709, BT.601, xvYCC, BT.2020 in 10 and 12 bits. Displays use other curves. */
const VIDEO: ReadonlySet<number> = new Set([1, 6, 11, 14, 15]);

/**
 * Returns the color space that two code points name.
 * @param video the curve for values in a video camera curve. Chromium shows them as sRGB in AVIF
 * @returns undefined if either is unknown or both are unspecified, and for HDR (PQ and HLG)
 */
export function fromCodes(primaries: number, transfer: number, video = SRGB_CURVE): RgbSpace | undefined {
  if (primaries === UNSPECIFIED && transfer === UNSPECIFIED) return undefined;
  const found = PRIMARIES[primaries];
  const curve = VIDEO.has(transfer) ? video : CURVES[transfer];
  return found === undefined || curve === undefined ? undefined : { primaries: found, curve };
}

/** The two HDR transfers, from BT.2100. */
export interface Hdr {
  primaries: Primaries;
  transfer: 'pq' | 'hlg';
}

const PQ = 16;
const HLG = 18;

/** Returns whether a transfer is an HDR transfer. */
export function isHdr(transfer: number): boolean {
  return transfer === PQ || transfer === HLG;
}

/** Returns the HDR color space that two code points name; undefined if they name none. */
export function hdrFromCodes(primaries: number, transfer: number): Hdr | undefined {
  const found = PRIMARIES[primaries];
  if (found === undefined || !isHdr(transfer)) return undefined;
  return { primaries: found, transfer: transfer === PQ ? 'pq' : 'hlg' };
}
