/** https://developers.google.com/speed/webp/docs/riff_container */

const RIFF_BYTES = 12;
const CHUNK_BYTES = 8;
const ALPHA = 0x10;
const XMP = 0x04;
/** Chunks that change what a WebP shows: an animation. */
const REFUSED: ReadonlySet<string> = new Set(['ANIM', 'ANMF']);
const PICTURE: ReadonlySet<string> = new Set(['VP8X', 'ALPH', 'VP8 ', 'VP8L']);
const ORDER = /^(VP8X,)?(VP8L|(ALPH,)?VP8 )$/;
/** A still picture with more chunks is not ordinary. */
const MOST_CHUNKS = 100;

/**
 * Returns a WebP with the same picture data and no metadata but an XMP packet. Returns undefined unless it is an ordinary
 * still.
 * @param dropsProfile whether to accept an ICC profile and remove it: only if it is known to be sRGB
 */
export function webpWithXmp(webp: Buffer, packet: string, dropsProfile = false): Buffer | undefined {
  const chunks = chunksIn(webp);
  if (chunks === undefined || chunks.some(({ type }) => REFUSED.has(type))) return undefined;
  if (!dropsProfile && chunks.some(({ type }) => type === 'ICCP')) return undefined;
  const kept = chunks.filter(({ type }) => PICTURE.has(type));
  if (!ORDER.test(kept.map(({ type }) => type).join())) return undefined;
  const [first, picture] = [kept[0], kept.at(-1)];
  if (first === undefined || picture === undefined) return undefined;
  const size = picture.type === 'VP8L' ? losslessSize(picture.data) : lossySize(picture.data);
  if (size === undefined) return undefined;
  const hasAlpha = size.hasAlpha || kept.some(({ type }) => type === 'ALPH');
  const header = Buffer.alloc(10);
  header[0] = XMP | (hasAlpha ? ALPHA : 0);
  header.writeUIntLE(size.width - 1, 4, 3);
  header.writeUIntLE(size.height - 1, 7, 3);
  // Decoders differ about a picture that is not as its header says.
  if (first.type === 'VP8X') {
    const told = first.data;
    if (told.length !== header.length || ((told[0] ?? 0) & ALPHA) !== ((header[0] ?? 0) & ALPHA))
      return undefined;
    if (!told.subarray(4).equals(header.subarray(4))) return undefined;
  } else if (first.type === 'ALPH') {
    return undefined;
  }
  const body = [
    chunk('VP8X', header),
    ...kept.filter(({ type }) => type !== 'VP8X').map(({ type, data }) => chunk(type, data)),
    chunk('XMP ', Buffer.from(packet)),
  ];
  return chunk('RIFF', Buffer.concat([Buffer.from('WEBP', 'latin1'), ...body]));
}

interface Chunk {
  type: string;
  data: Buffer;
}

/** Returns undefined if a chunk is truncated. */
function chunksIn(webp: Buffer): Chunk[] | undefined {
  if (webp.length < RIFF_BYTES) return undefined;
  const end = CHUNK_BYTES + webp.readUInt32LE(4);
  if (end > webp.length) return undefined;
  const chunks: Chunk[] = [];
  for (let at = RIFF_BYTES; at < end;) {
    if (at + CHUNK_BYTES > end || chunks.length === MOST_CHUNKS) return undefined;
    const bytes = webp.readUInt32LE(at + 4);
    const data = webp.subarray(at + CHUNK_BYTES, Math.min(end, at + CHUNK_BYTES + bytes));
    if (data.length !== bytes) return undefined;
    chunks.push({ type: webp.toString('latin1', at, at + 4), data });
    at += CHUNK_BYTES + bytes + (bytes % 2);
  }
  return chunks;
}

interface PictureSize {
  width: number;
  height: number;
  hasAlpha: boolean;
}

/** https://datatracker.ietf.org/doc/html/rfc6386#section-9.1 */
function lossySize(data: Buffer): PictureSize | undefined {
  if (data.length < 10 || data.readUIntBE(3, 3) !== 0x9d_01_2a) return undefined;
  const [width, height] = [data.readUInt16LE(6) & 0x3f_ff, data.readUInt16LE(8) & 0x3f_ff];
  return width === 0 || height === 0 ? undefined : { width, height, hasAlpha: false };
}

/** https://developers.google.com/speed/webp/docs/webp_lossless_bitstream_specification, section 3 */
function losslessSize(data: Buffer): PictureSize | undefined {
  if (data.length < 5 || data[0] !== 0x2f) return undefined;
  const bits = data.readUInt32LE(1);
  const side = (from: number) => ((bits >>> from) & 0x3f_ff) + 1;
  return { width: side(0), height: side(14), hasAlpha: ((bits >>> 28) & 1) === 1 };
}

function chunk(type: string, data: Buffer): Buffer {
  const head = Buffer.alloc(CHUNK_BYTES);
  head.write(type, 'latin1');
  head.writeUInt32LE(data.length, 4);
  return Buffer.concat([head, data, Buffer.alloc(data.length % 2)]);
}
