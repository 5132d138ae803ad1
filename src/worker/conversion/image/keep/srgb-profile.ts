import type { Sharp } from 'sharp';
import { withProfile } from '../with-profile.ts';

/** Values of each channel in the grid of sampled colors. Color lookup tables in profiles rarely have more. */
const GRID = 33;
/** One channel, or all three. */
const RAMPS = [
  [1, 0, 0],
  [0, 1, 0],
  [0, 0, 1],
  [1, 1, 1],
] as const;
/** Of 255: the rounding of the conversion, and of curves that are stored as tables. */
const TOLERANCE = 1;

/**
 * Returns whether an ICC profile means the same colors as sRGB. A profile's name proves little, so colors from the whole
 * space are converted, with the engine that converts uploads. Must not import sharp, like `kept-source.ts`.
 * @param open opens bytes with sharp
 */
export async function isSrgbProfile(icc: Uint8Array, open: (bytes: Uint8Array) => Sharp): Promise<boolean> {
  const colors = Uint8Array.from([...grid(), ...ramps()].flat());
  const exchanged = withRedAsGreen(icc);
  if (exchanged === undefined) return false;
  try {
    // libvips ignores a profile that it cannot use, and so changes nothing.
    return (await isSame(colors, icc, open)) && !(await isSame(colors, exchanged, open));
  } catch {
    // For example, the recipe allows fewer pixels than are sampled.
    return false;
  }
}

async function isSame(
  colors: Uint8Array,
  icc: Uint8Array,
  open: (bytes: Uint8Array) => Sharp,
): Promise<boolean> {
  const pixels = { data: colors, width: colors.length / 3, height: 1, channels: 3 as const };
  const converted = await open(withProfile(pixels, icc)).toColourspace('srgb').raw().toBuffer();
  return converted.every((value, index) => Math.abs(value - (colors[index] ?? 0)) <= TOLERANCE);
}

function* grid(): Generator<number[]> {
  const values = Array.from({ length: GRID }, (_, index) => Math.round((255 * index) / (GRID - 1)));
  for (const red of values) for (const green of values) for (const blue of values) yield [red, green, blue];
}

function* ramps(): Generator<number[]> {
  for (const channels of RAMPS)
    for (let value = 0; value < 256; value += 1) yield channels.map((share) => share * value);
}

/** https://www.color.org/specification/ICC.1-2022-05.pdf, section 7.3 */
const TABLE_AT = 128;
const [RED, GREEN] = ['rXYZ', 'gXYZ'] as const;

/** Returns a profile with its red and its green exchanged; undefined if it has none. */
function withRedAsGreen(icc: Uint8Array): Buffer | undefined {
  const copy = Buffer.from(icc);
  const [red, green] = [RED, GREEN].map((tag) => copy.indexOf(tag, TABLE_AT, 'latin1'));
  if (red === undefined || green === undefined || red < 0 || green < 0) return undefined;
  copy.write(GREEN, red, 'latin1');
  copy.write(RED, green, 'latin1');
  return copy;
}
