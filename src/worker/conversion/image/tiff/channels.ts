import type { Pixels } from '../../../../core/conversion.ts';
import { one, TAG, type Directory } from './directory.ts';

/** ExtraSamples: 0 is anything, such as a selection; 1 and 2 are alpha. TIFF 6.0, page 31. */
const ALPHA: ReadonlySet<number> = new Set([1, 2]);
const UNASSOCIATED_ALPHA = 2;

const CMYK = 5;
const COLORS: ReadonlyMap<number, number> = new Map([
  [0, 1],
  [1, 1],
  [3, 1],
  [CMYK, 4],
]);
/** The number of color channels in sRGB. */
const RGB = [0, 1, 2];

/** Returns the number of color samples per pixel. */
export function colorSamples(directory: Directory): number {
  return COLORS.get(one(directory, TAG.photometric, 2)) ?? RGB.length;
}

/**
 * Returns the channels of the sRGB image to keep; undefined to keep all of them, because it has only colors, or colors
 * and alpha. libvips takes any fourth channel for alpha.
 */
export function channelsToKeep(directory: Directory): readonly number[] | undefined {
  const extra = one(directory, TAG.samples, 1) - colorSamples(directory);
  if (extra <= 0) return undefined;
  // If a file does not say what its single extra channel is, it is alpha, as in libtiff and Pillow.
  const kinds = directory.get(TAG.extraSamples) ?? (extra === 1 ? [UNASSOCIATED_ALPHA] : []);
  const alpha = kinds.findIndex((kind) => ALPHA.has(kind));
  if (extra === 1 && alpha === 0) return undefined;
  return alpha < 0 || alpha >= extra ? RGB : [...RGB, RGB.length + alpha];
}

/** Keeps some channels of raw pixels, in place, because there may be hundreds of megabytes. */
export function keepChannels(
  data: Uint8Array,
  channels: number,
  keep: readonly number[],
): Pick<Pixels, 'data' | 'channels'> {
  const kept = keep.filter((channel) => channel < channels);
  const pixels = Math.floor(data.byteLength / channels);
  for (let pixel = 0; pixel < pixels; pixel += 1) {
    for (let index = 0; index < kept.length; index += 1)
      data[pixel * kept.length + index] = data[pixel * channels + (kept[index] ?? 0)] ?? 0;
  }
  return { data: data.subarray(0, pixels * kept.length), channels: kept.length === 4 ? 4 : 3 };
}
