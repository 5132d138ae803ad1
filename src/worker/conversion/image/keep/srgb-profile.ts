import type { Sharp } from 'sharp';
import { withProfile } from '../with-profile.ts';

const ENDS = [0, 255];
/** Grey, and all edges of the color cube. */
const RAMPS: readonly ((value: number) => number[])[] = [
  (value) => [value, value, value],
  ...ENDS.flatMap((one) =>
    ENDS.flatMap((other) => [
      (value: number) => [value, one, other],
      (value: number) => [one, value, other],
      (value: number) => [one, other, value],
    ]),
  ),
];
const COLORS = Uint8Array.from(
  Array.from({ length: 256 }, (_, value) => RAMPS.map((ramp) => ramp(value))).flat(2),
);
/** Of 255: the rounding of the conversion, and of curves that are stored as tables. */
const TOLERANCE = 1;

/**
 * Returns whether an ICC profile means the same colors as sRGB. A profile's name proves little, so colors are converted
 * with the engine that converts uploads. Must not import sharp, like `kept-source.ts`.
 *
 * The edges of the color cube are enough: they determine the three curves and the columns of a profile. Edges
 * from black would not be, because values below 0 are cut off. A profile with a table of colors is not recognized.
 * @param open opens bytes with sharp
 */
export async function isSrgbProfile(icc: Uint8Array, open: (bytes: Uint8Array) => Sharp): Promise<boolean> {
  try {
    // libvips ignores a profile that it cannot use, and a table of colors replaces the columns. Then exchanging two
    // columns changes nothing.
    return (await isSame(icc, open)) && !(await isSame(withRedAsGreen(icc), open));
  } catch {
    // For example, it has no columns, or the recipe allows fewer pixels than are converted.
    return false;
  }
}

async function isSame(icc: Uint8Array, open: (bytes: Uint8Array) => Sharp): Promise<boolean> {
  const pixels = { data: COLORS, width: COLORS.length / 3, height: 1, channels: 3 as const };
  const converted = await open(withProfile(pixels, icc)).toColourspace('srgb').raw().toBuffer();
  return COLORS.every((value, index) => Math.abs(value - (converted[index] ?? Infinity)) <= TOLERANCE);
}

/** https://www.color.org/specification/ICC.1-2022-05.pdf, section 7.3 */
const TABLE_AT = 128;
const [RED, GREEN] = ['rXYZ', 'gXYZ'] as const;

/**
 * Returns a profile with its columns of red and green exchanged.
 * @throws Error if it has none
 */
function withRedAsGreen(icc: Uint8Array): Buffer {
  const copy = Buffer.from(icc);
  const red = copy.indexOf(RED, TABLE_AT);
  const green = copy.indexOf(GREEN, TABLE_AT);
  copy.write(GREEN, red);
  copy.write(RED, green);
  return copy;
}
