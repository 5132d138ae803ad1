import { pngChunk } from '../color/png-chunk.ts';
import { isIntact, pngChunks } from '../color/png-chunks.ts';

/** https://www.w3.org/TR/png-3/#11iTXt: keyword, not compressed, no language and no translated keyword. */
const XMP = Buffer.from('XML:com.adobe.xmp\0\0\0\0\0', 'latin1');

/** Chunks that a picture needs. */
const NEEDED: ReadonlySet<string> = new Set(['IHDR', 'PLTE', 'tRNS', 'IDAT', 'IEND']);
/** Chunks that change what a PNG shows: an animation, and a color space. */
const REFUSED: ReadonlySet<string> = new Set(['acTL', 'fcTL', 'fdAT', 'cICP']);
const ORDER = /^IHDR(,PLTE)?(,tRNS)?,IDAT,IEND$/;
/** A file with more chunks is not ordinary. */
const MOST_CHUNKS = 100_000;
/** In upper case, the first letter says that a decoder must understand the chunk. */
const isCritical = (type: string) => type < 'a';

/**
 * Returns a PNG with the same picture data and no metadata but an XMP packet: without text, EXIF, and whatever follows
 * its end. Returns undefined unless it is an ordinary PNG with at most 8 bits per channel.
 * @param dropsProfile whether to accept an ICC profile and remove it: only if it is known to be sRGB
 */
export function pngWithXmp(png: Buffer, packet: string, dropsProfile = false): Buffer | undefined {
  const kept: Buffer[] = [];
  const types: string[] = [];
  let count = 0;
  for (const chunk of pngChunks(png)) {
    const { type, data, whole } = chunk;
    count += 1;
    if (REFUSED.has(type) || count > MOST_CHUNKS) return undefined;
    if (type === 'iCCP' && !dropsProfile) return undefined;
    if (!NEEDED.has(type)) {
      if (isCritical(type)) return undefined;
      continue;
    }
    // Decoders ignore some chunks with a wrong checksum.
    if (!isIntact(chunk)) return undefined;
    if (type === 'IHDR' && (data.length !== 13 || (data[8] ?? 0) > 8)) return undefined;
    // A picture's data is in any number of chunks.
    if (type !== 'IDAT' || types.at(-1) !== type) types.push(type);
    kept.push(whole);
    if (type === 'IEND') break;
  }
  const [header, ...others] = kept;
  if (header === undefined || !ORDER.test(types.join())) return undefined;
  const xmp = pngChunk('iTXt', Buffer.concat([XMP, Buffer.from(packet)]));
  return Buffer.concat([png.subarray(0, 8), header, xmp, ...others]);
}
