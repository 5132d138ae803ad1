import type { Pixels } from '../../../../core/conversion.ts';
import { corrupt } from '../corrupt.ts';
import { checkPixels } from '../check-pixels.ts';
import type { ImageLimits } from '../limits.ts';
import { readHeader, type Header } from './header.ts';
import { decodeRows } from './rows.ts';
import { decodeRuns } from './rle.ts';

/** The file's header, which precedes the bitmap's. */
const FILE_HEADER_BYTES = 14;
/** Of 8 bits. Bitmaps with more bits may have a palette of any length, which does not matter. */
const MOST_COLORS = 256;

/** A decoded bitmap. */
export interface Bitmap {
  pixels: Pixels;
  /** ICC */
  profile?: Uint8Array;
}

/**
 * Decodes a BMP file.
 * @throws Rejected
 */
export function decodeBmp(file: Uint8Array, limits: Pick<ImageLimits, 'pixels'>): Bitmap {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  if (bytes.byteLength < FILE_HEADER_BYTES) throw corrupt('the file ends in its header');
  const pixelsAt = bytes.readUInt32LE(10);
  return decodeBitmap(bytes.subarray(FILE_HEADER_BYTES), limits, pixelsAt - FILE_HEADER_BYTES).bitmap;
}

/**
 * Decodes a bitmap, starting at its header.
 * @param pixelsAt offset of its pixels, if they do not follow the palette
 * @param isIcon whether it is part of an icon
 * @returns the bitmap, and the offset of the end of its pixels
 * @throws Rejected
 */
export function decodeBitmap(
  bytes: Buffer,
  limits: Pick<ImageLimits, 'pixels'>,
  pixelsAt = 0,
  isIcon = false,
): { bitmap: Bitmap; header: Header; pixels: Buffer } {
  const header = readHeader(bytes, isIcon);
  checkPixels(header, 1, limits);
  const { paletteAt, paletteLength, colorBytes, encoding, profile } = header;
  const from = pixelsAt > 0 ? pixelsAt : paletteAt + paletteLength * colorBytes;
  const pixels = bytes.subarray(from);
  const palette = paletteOf(header, bytes.subarray(paletteAt, from));
  const decoded = (encoding === 'plain' ? decodeRows : decodeRuns)(header, pixels, palette);
  const icc = profile === undefined ? undefined : bytes.subarray(profile.at, profile.at + profile.bytes);
  return { bitmap: { pixels: decoded, ...(icc?.byteLength ? { profile: icc } : {}) }, header, pixels };
}

/** Returns the palette as RGB. Missing colors are black. */
function paletteOf({ paletteLength, colorBytes }: Header, bytes: Buffer): Uint8Array {
  const palette = new Uint8Array(3 * MOST_COLORS);
  for (let color = 0; color < Math.min(paletteLength, MOST_COLORS); color += 1)
    for (const channel of [0, 1, 2])
      palette[color * 3 + channel] = bytes[color * colorBytes + 2 - channel] ?? 0;
  return palette;
}
