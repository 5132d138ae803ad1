import { crc32 } from 'node:zlib';

/** https://www.w3.org/TR/png-3/#5DataRep */

const SIGNATURE_BYTES = 8;
/** Length, type and checksum. */
const FRAME_BYTES = 12;

export interface Chunk {
  type: string;
  data: Buffer;
  /** The whole chunk. */
  whole: Buffer;
}

export interface PngHeader {
  signature: Buffer;
  /** The chunks before the pixels. */
  chunks: Chunk[];
  /** The pixels and all that follows. */
  rest: Buffer;
}

/** Reads the chunks before the pixels. A file truncated there has no `rest`. */
export function pngHeader(png: Uint8Array): PngHeader {
  const bytes = Buffer.from(png.buffer, png.byteOffset, png.byteLength);
  const chunks: Chunk[] = [];
  let at = SIGNATURE_BYTES;
  for (const chunk of pngChunks(bytes)) {
    if (chunk.type === 'IDAT') break;
    chunks.push(chunk);
    at += chunk.whole.length;
  }
  return { signature: bytes.subarray(0, SIGNATURE_BYTES), chunks, rest: bytes.subarray(at) };
}

/** Finds the chunks of a PNG, up to one that is truncated. */
export function* pngChunks(png: Buffer): Generator<Chunk, void> {
  for (let at = SIGNATURE_BYTES; at + FRAME_BYTES <= png.length;) {
    const end = at + FRAME_BYTES + png.readUInt32BE(at);
    if (end > png.length) return;
    const type = png.toString('latin1', at + 4, at + 8);
    yield { type, data: png.subarray(at + 8, end - 4), whole: png.subarray(at, end) };
    at = end;
  }
}

/** Returns whether a chunk has its checksum. */
export function isIntact({ whole }: Chunk): boolean {
  return crc32(whole.subarray(4, -4)) === whole.readUInt32BE(whole.length - 4);
}
