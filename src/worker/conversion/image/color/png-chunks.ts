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
  while (at + FRAME_BYTES <= bytes.length) {
    const type = bytes.toString('latin1', at + 4, at + 8);
    if (type === 'IDAT') break;
    const end = at + FRAME_BYTES + bytes.readUInt32BE(at);
    if (end > bytes.length) break;
    chunks.push({ type, data: bytes.subarray(at + 8, end - 4), whole: bytes.subarray(at, end) });
    at = end;
  }
  return { signature: bytes.subarray(0, SIGNATURE_BYTES), chunks, rest: bytes.subarray(at) };
}
