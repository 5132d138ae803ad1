import { clampRgb, converter, differenceCiede2000, type Color, type Rgb } from 'culori';
import sharp from 'sharp';
import type { ConvertedImage } from './convert-image.ts';

/** The values of one color in a file, from 0 to 1. */
export type Values = readonly [number, number, number];

/** What the test files show, side by side: grey from dark to light, muted colors, and the corners of the space. */
export const PATCHES: readonly Values[] = [
  [0, 0, 0],
  [0.08, 0.08, 0.08],
  [0.25, 0.25, 0.25],
  [0.5, 0.5, 0.5],
  [0.8, 0.8, 0.8],
  [1, 1, 1],
  [0.75, 0.5, 0.25],
  [0.25, 0.5, 0.75],
  [0.4, 0.6, 0.3],
  [1, 0, 0],
  [0, 1, 0],
  [0, 0, 1],
];

/** Pixels of the side of a patch. */
export const SIDE = 16;

/** Returns an image of the patches: rows of pixels. */
export function patchRows(patches: readonly (readonly number[])[] = PATCHES): (readonly number[])[][] {
  const row = patches.flatMap((patch) => Array.from({ length: SIDE }, () => patch));
  return Array.from({ length: SIDE }, () => row);
}

/** Returns the color in the middle of each patch, in sRGB. */
export async function patchesIn({ bytes }: Pick<ConvertedImage, 'bytes'>): Promise<Rgb[]> {
  const { data, info } = await sharp(bytes)
    .toColourspace('srgb')
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  const rgb = (index: number): Rgb => {
    const at = ((info.height / 2) * info.width + (index + 0.5) * SIDE) * 3;
    const [r = 0, g = 0, b = 0] = data.subarray(at, at + 3);
    return { mode: 'rgb', r: r / 255, g: g / 255, b: b / 255 };
  };
  return Array.from({ length: info.width / SIDE }, (_, index) => rgb(index));
}

const toRgb = converter('rgb');
const difference = differenceCiede2000();

/** Invisible side by side. */
const TOLERANCE = 2;

/**
 * Returns the patches of a result that are further than ΔE 2000 from what their values mean.
 * @param meaning by the definition of the color space: independent of libvips
 */
export async function wrongPatches(
  result: Pick<ConvertedImage, 'bytes'> | undefined,
  meaning: (values: Values) => Color,
  tolerance = TOLERANCE,
): Promise<object[]> {
  const found = result === undefined ? [] : await patchesIn(result);
  return PATCHES.flatMap((values, index) => {
    const expected = clampRgb(toRgb(meaning(values)));
    const shown = found[index];
    const delta = shown === undefined ? Number.POSITIVE_INFINITY : difference(expected, shown);
    return delta <= tolerance ? [] : [{ values, expected, shown, delta }];
  });
}
