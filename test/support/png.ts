import { crc32, deflateSync } from 'node:zlib';

export interface PngOptions {
  /** Chunks between the header and the pixels. */
  chunks?: readonly Buffer[];
  /** Bits per channel. */
  depth?: 8 | 16;
}

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const COLOR_TYPES: Readonly<Record<number, number>> = { 1: 0, 2: 4, 3: 2, 4: 6 };

/** Returns a PNG of these pixels, row by row. Each has one to four channels, from 0 to 1. */
export function pngOf(
  rows: readonly (readonly (readonly number[])[])[],
  { chunks = [], depth = 8 }: PngOptions = {},
): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(rows[0]?.length ?? 0, 0);
  header.writeUInt32BE(rows.length, 4);
  header.set([depth, COLOR_TYPES[rows[0]?.[0]?.length ?? 3] ?? 2], 8);
  const bytes = depth / 8;
  const most = 2 ** depth - 1;
  const lines = rows.map((row) => {
    const values = row.flat();
    const line = Buffer.alloc(1 + values.length * bytes);
    for (const [index, value] of values.entries())
      line.writeUIntBE(Math.round(value * most), 1 + index * bytes, bytes);
    return line;
  });
  return Buffer.concat([
    SIGNATURE,
    pngChunk('IHDR', header),
    ...chunks,
    pngChunk('IDAT', deflateSync(Buffer.concat(lines))),
    pngChunk('IEND', Buffer.alloc(0)),
  ]);
}

export function pngChunk(type: string, data: Uint8Array): Buffer {
  const chunk = Buffer.alloc(12 + data.byteLength);
  chunk.writeUInt32BE(data.byteLength);
  chunk.write(type, 4, 'latin1');
  chunk.set(data, 8);
  chunk.writeUInt32BE(crc32(chunk.subarray(4, -4)), chunk.byteLength - 4);
  return chunk;
}

/** https://www.w3.org/TR/png-3/#cICP-chunk, of RGB in full range. */
export const cicp = (primaries: number, transfer: number) =>
  pngChunk('cICP', Buffer.of(primaries, transfer, 0, 1));

/** @param gamma the exponent of the encoding, such as 1 / 2.2 */
export const gama = (gamma: number) => pngChunk('gAMA', hundredThousandths([gamma]));

/** @param chromaticities x and y of white, red, green and blue */
export const chrm = (chromaticities: readonly number[]) =>
  pngChunk('cHRM', hundredThousandths(chromaticities));

export const srgb = () => pngChunk('sRGB', Buffer.of(0));

/** @param brightest in cd/m² */
export function clli(brightest: number): Buffer {
  const data = Buffer.alloc(8);
  data.writeUInt32BE(brightest * 10_000);
  return pngChunk('cLLI', data);
}

/** Only the brightest light of the display that a picture was mastered on, in cd/m². */
export function mdcv(brightest: number): Buffer {
  const data = Buffer.alloc(24);
  data.writeUInt32BE(brightest * 10_000, 16);
  return pngChunk('mDCV', data);
}

/** EXIF data with only the orientation: a directory of one field. */
export function exifOrientation(orientation: number): Buffer {
  const data = Buffer.alloc(26);
  data.write('II*\0', 'latin1');
  for (const [at, value] of [
    [4, 8],
    [8, 1],
    [10, 0x112],
    [12, 3],
    [14, 1],
    [18, orientation],
  ] as const)
    data.writeUInt16LE(value, at);
  return pngChunk('eXIf', data);
}

function hundredThousandths(values: readonly number[]): Buffer {
  const data = Buffer.alloc(values.length * 4);
  for (const [index, value] of values.entries()) data.writeUInt32BE(Math.round(value * 100_000), index * 4);
  return data;
}
