import { inflateSync } from 'node:zlib';
import { boxOf } from './avif.ts';
import { webpChunksOf } from './with-metadata.ts';

type Format = 'jpeg' | 'png' | 'webp' | 'avif';

/** Where each format has a profile. Only in one piece: a JPEG can have larger ones in several. */
const FINDERS: Readonly<Record<Format, (file: Buffer) => Buffer | undefined>> = {
  jpeg(file) {
    const at = file.indexOf('ICC_PROFILE\0\x01\x01', 0, 'latin1');
    return at < 0 ? undefined : file.subarray(at + 14, at - 2 + file.readUInt16BE(at - 2));
  },
  png(file) {
    const at = file.indexOf('iCCP');
    if (at < 0) return undefined;
    const chunk = file.subarray(at + 4, at + 4 + file.readUInt32BE(at - 4));
    return inflateSync(chunk.subarray(chunk.indexOf(0) + 2));
  },
  webp: (file) => {
    const chunk = webpChunksOf(file).find((each) => each.toString('latin1', 0, 4) === 'ICCP');
    return chunk?.subarray(8, 8 + chunk.readUInt32LE(4));
  },
  avif: (file) => boxOf(file, 'colr')?.subarray(12),
};

/** Returns the ICC profile in a result, read without libvips, which wrote it. */
export function iccIn(file: Uint8Array, format: Format): Buffer | undefined {
  return FINDERS[format](Buffer.from(file));
}

/** Returns the data of a tag in a profile. */
export function iccTag(icc: Buffer, signature: string): Buffer {
  for (let at = 132; at < 132 + 12 * icc.readUInt32BE(128); at += 12) {
    if (icc.toString('latin1', at, at + 4) !== signature) continue;
    const from = icc.readUInt32BE(at + 4);
    return icc.subarray(from, from + icc.readUInt32BE(at + 8));
  }
  throw new Error(`expected the tag ${signature}`);
}

/** Returns the s15Fixed16 numbers after the first bytes of a tag. */
export function iccNumbers(tag: Buffer, from: number): number[] {
  return Array.from(
    { length: (tag.length - from) / 4 },
    (_, index) => tag.readInt32BE(from + index * 4) / 65_536,
  );
}
