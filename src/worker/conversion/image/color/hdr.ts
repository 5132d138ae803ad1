import type { Sharp } from 'sharp';
import type { Pixels } from '../../../../core/conversion.ts';
import type { Size } from '../../../../core/geometry.ts';
import { toneMapped, type HdrPicture } from './tone-map.ts';
import { valuesOf } from './values.ts';

/**
 * Converts an HDR picture to sRGB, as shown on an SDR display.
 * @param size to shrink the image to first
 * @param isDeep whether it has more than 8 bits per channel
 */
export async function withoutHdr(
  picture: Sharp,
  hdr: HdrPicture,
  size: Size,
  isDeep: boolean,
): Promise<Pixels> {
  const rgb = picture.toColourspace(isDeep ? 'rgb16' : 'srgb');
  const { values, width, height, channels: all } = await valuesOf(rgb, size, isDeep);
  const channels = all === 4 ? 4 : 3;
  return { data: toneMapped(values, channels, hdr), width, height, channels };
}
