import { deflateSync } from 'node:zlib';
import type { Pixels } from '../../../../core/conversion.ts';
import { LIGHT_UNITS } from './peak.ts';
import { pngChunk } from './png-chunk.ts';

/** How the values of an HDR picture are to be read. */
export interface HdrCodes {
  /** Code points of ITU-T H.273. */
  primaries: number;
  transfer: number;
  /** Bits per channel. 16-bit values are little-endian. */
  bits: 8 | 16;
  /** The maximum content light level, in cd/m². */
  content?: number;
  /** The maximum luminance of the mastering display, in cd/m². */
  display?: number;
}

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const [RGB, RGB_AND_ALPHA] = [2, 6];
/** libspng limits the size of a chunk. */
const IDAT_BYTES = 1024 ** 2;

/** Returns HDR pixels as an uncompressed PNG, whose chunks tell the color space: sharp accepts none for raw pixels. */
export function hdrPng({ data, width, height, channels }: Pixels, hdr: HdrCodes): Buffer {
  const { primaries, transfer, bits, content, display } = hdr;
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width);
  header.writeUInt32BE(height, 4);
  header.set([bits, channels === 4 ? RGB_AND_ALPHA : RGB], 8);
  const chunks = [pngChunk('IHDR', header), pngChunk('cICP', Buffer.of(primaries, transfer, 0, 1))];
  if (content !== undefined) chunks.push(pngChunk('cLLI', luminance(content, 0, 8)));
  if (display !== undefined) chunks.push(pngChunk('mDCV', luminance(display, 16, 24)));
  const pixels = deflateSync(filtered(data, height, bits), { level: 0 });
  for (let at = 0; at < pixels.length; at += IDAT_BYTES)
    chunks.push(pngChunk('IDAT', pixels.subarray(at, at + IDAT_BYTES)));
  return Buffer.concat([SIGNATURE, ...chunks, pngChunk('IEND', Buffer.alloc(0))]);
}

/** Returns the rows, big-endian, each after the number of its filter: 0 for none. */
function filtered(data: Uint8Array, height: number, bits: 8 | 16): Buffer {
  const rowBytes = data.byteLength / height;
  const rows = Buffer.alloc((1 + rowBytes) * height);
  for (let row = 0; row < height; row += 1) {
    const begin = row * (1 + rowBytes) + 1;
    rows.set(data.subarray(row * rowBytes, (row + 1) * rowBytes), begin);
    if (bits === 16) rows.subarray(begin, begin + rowBytes).swap16();
  }
  return rows;
}

/** Returns a chunk's data with one luminance, and 0 for everything else. */
function luminance(value: number, at: number, bytes: number): Buffer {
  const data = Buffer.alloc(bytes);
  data.writeUInt32BE(Math.round(value * LIGHT_UNITS), at);
  return data;
}
