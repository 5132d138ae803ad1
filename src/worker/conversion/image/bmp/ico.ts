import { corrupt } from '../corrupt.ts';
import type { ImageLimits } from '../limits.ts';
import { decodeBitmap, type Bitmap } from './decode.ts';
import { rowAt, rowBytes } from './rows.ts';
import type { Header } from './header.ts';

const DIRECTORY_BYTES = 6;
const ENTRY_BYTES = 16;
const PNG_SIGNATURE = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');

/**
 * Returns the largest image of an icon or cursor file: the bytes of a PNG, or a decoded bitmap. If several have that
 * size, returns the one with the most colors. https://learn.microsoft.com/previous-versions/ms997538(v=msdn.10)
 * @throws Rejected
 */
export function largestImage(file: Uint8Array, limits: Pick<ImageLimits, 'pixels'>): Uint8Array | Bitmap {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  const [largest] = entriesOf(bytes).toSorted((a, b) => b.area - a.area || b.bits - a.bits);
  if (largest === undefined) throw corrupt('the icon has no images');
  const image = bytes.subarray(largest.at, largest.at + largest.bytes);
  if (image.byteLength < largest.bytes) throw corrupt('the file ends in its largest image');
  return image.subarray(0, PNG_SIGNATURE.byteLength).equals(PNG_SIGNATURE)
    ? image
    : iconBitmap(image, limits);
}

interface Entry {
  area: number;
  bits: number;
  at: number;
  bytes: number;
}

function entriesOf(bytes: Buffer): Entry[] {
  const isCut = bytes.byteLength < DIRECTORY_BYTES;
  const isCursor = !isCut && bytes.readUInt16LE(2) === 2;
  const count = isCut ? 0 : bytes.readUInt16LE(4);
  if (bytes.byteLength < DIRECTORY_BYTES + count * ENTRY_BYTES)
    throw corrupt('the file ends in the list of its images');
  return Array.from({ length: count }, (_, index) => {
    const entry = bytes.subarray(DIRECTORY_BYTES + index * ENTRY_BYTES);
    // 0 means 256, or more.
    const area = (entry.readUInt8(0) || 256) * (entry.readUInt8(1) || 256);
    // Cursors store the position of their hot spot there.
    const bits = isCursor ? 0 : entry.readUInt16LE(6);
    return { area, bits, bytes: entry.readUInt32LE(8), at: entry.readUInt32LE(12) };
  });
}

/** A mask of the transparent pixels, one bit each, follows the bitmap. */
function iconBitmap(bytes: Buffer, limits: Pick<ImageLimits, 'pixels'>): Bitmap {
  const { bitmap, header, pixels } = decodeBitmap(bytes, limits, 0, true);
  if (header.encoding !== 'plain') throw corrupt('icons have no compressed bitmaps');
  if (hasAlpha(bitmap)) return bitmap;
  const { width, height, bits } = header;
  const mask = pixels.subarray(rowBytes(width, bits) * height);
  const stride = rowBytes(width, 1);
  if (mask.byteLength < stride * height) {
    if (bits === 32) return bitmap;
    throw corrupt('the file ends in the mask of its largest image');
  }
  return { pixels: masked(bitmap, header, mask, stride) };
}

function hasAlpha({ pixels: { data, channels } }: Bitmap): boolean {
  if (channels === 3) return false;
  for (let at = 3; at < data.byteLength; at += 4) if (data[at] !== 255) return true;
  return false;
}

function masked({ pixels: { data, channels } }: Bitmap, header: Header, mask: Buffer, stride: number) {
  const { width, height } = header;
  const result = new Uint8Array(width * height * 4);
  for (let nth = 0; nth < height; nth += 1) {
    const row = rowAt(header, nth) * width;
    for (let x = 0; x < width; x += 1) {
      const pixel = row + x;
      const isTransparent = ((mask[nth * stride + (x >> 3)] ?? 0) & (0x80 >> (x & 7))) !== 0;
      for (const channel of [0, 1, 2]) result[pixel * 4 + channel] = data[pixel * channels + channel] ?? 0;
      result[pixel * 4 + 3] = isTransparent ? 0 : 255;
    }
  }
  return { data: result, width, height, channels: 4 as const };
}
