import type { Sharp } from 'sharp';
import type { Pixels } from '../../../../core/conversion.ts';
import type { Size } from '../../../../core/geometry.ts';
import { valuesOf } from './values.ts';

/** Channels per pixel: four inks, then alpha if there are more. */
const INKS = 4;

/**
 * Converts CMYK without a profile as browsers do: each ink absorbs light of exactly one color. libvips would assume the
 * inks of a printing press, in which pure cyan is a dull blue.
 * @param size to shrink the image to first
 */
export async function withoutInks(picture: Sharp, size: Size): Promise<Pixels> {
  const { depth } = await picture.metadata();
  const isDeep = depth === 'ushort';
  const inks = picture.pipelineColourspace('cmyk').toColourspace('cmyk');
  const { values, width, height, channels: from } = await valuesOf(inks, size, isDeep);
  const alpha = from > INKS;
  return {
    data: inRgb(values, { from, alpha, most: isDeep ? 65_535 : 255 }),
    width,
    height,
    channels: alpha ? 4 : 3,
  };
}

interface Layout {
  /** Channels per pixel in the source. */
  from: number;
  alpha: boolean;
  /** The value of full ink. */
  most: number;
}

function inRgb(inks: Uint8Array | Uint16Array, { from, alpha, most }: Layout): Uint8Array {
  const to = alpha ? 4 : 3;
  const pixels = inks.length / from;
  const rgb = new Uint8Array(pixels * to);
  for (let pixel = 0; pixel < pixels; pixel += 1) {
    const at = pixel * from;
    const light = most - (inks[at + 3] ?? 0);
    for (let channel = 0; channel < 3; channel += 1)
      rgb[pixel * to + channel] = Math.round((255 * (most - (inks[at + channel] ?? 0)) * light) / most ** 2);
    if (alpha) rgb[pixel * to + 3] = Math.round((255 * (inks[at + INKS] ?? 0)) / most);
  }
  return rgb;
}
