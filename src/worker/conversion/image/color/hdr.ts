import type { Sharp } from 'sharp';
import type { Pixels } from '../../../../core/conversion.ts';
import type { Size } from '../../../../core/geometry.ts';
import { toneMapped, type HdrPicture } from './tone-map.ts';

/**
 * Returns what an HDR picture shows on a display without HDR, in sRGB.
 * @param size to shrink it to before, because there is more to compute for each pixel than in libvips
 * @param isDeep whether it has more than 8 bits per channel
 */
export async function withoutHdr(
  picture: Sharp,
  hdr: HdrPicture,
  size: Size,
  isDeep: boolean,
): Promise<Pixels> {
  const { data, info } = await picture
    .resize({ ...size, fit: 'fill' })
    .toColourspace(isDeep ? 'rgb16' : 'srgb')
    .raw({ depth: isDeep ? 'ushort' : 'uchar' })
    .toBuffer({ resolveWithObject: true });
  const channels = info.channels === 4 ? 4 : 3;
  const values = isDeep ? new Uint16Array(data.buffer, data.byteOffset, data.length / 2) : data;
  return {
    data: toneMapped(values, channels, hdr),
    width: info.width,
    height: info.height,
    channels,
  };
}
