import type { OutputInfo, Sharp } from 'sharp';
import type { Size } from '../../../../core/geometry.ts';

/** Values of an image's channels, in its own color space. */
export interface Values extends Pick<OutputInfo, 'width' | 'height' | 'channels'> {
  values: Uint8Array | Uint16Array;
}

/**
 * Returns the values of an image's pixels.
 * @param size to shrink the image to first, because processing a pixel is slower here than in libvips
 * @param isDeep whether it has more than 8 bits per channel
 */
export async function valuesOf(picture: Sharp, size: Size, isDeep: boolean): Promise<Values> {
  const { data, info } = await picture
    .resize({ ...size, fit: 'fill' })
    .raw({ depth: isDeep ? 'ushort' : 'uchar' })
    .toBuffer({ resolveWithObject: true });
  const values = isDeep ? new Uint16Array(data.buffer, data.byteOffset, data.length / 2) : data;
  const { width, height, channels } = info;
  return { values, width, height, channels };
}
