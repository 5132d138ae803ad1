import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import type { S3Client } from '@aws-sdk/client-s3';
import { head } from '../../ops/object-status.ts';
import { partBytes } from './upload-file.ts';

/**
 * Returns whether an object has a file's content, by its size and the CRC32 from its upload, or else the MD5 in the
 * ETag. If S3 has neither (KMS, other part sizes), returns false: an unnecessary upload does no harm.
 * @throws the error of the file system or the SDK
 */
export async function hasContentOf(
  s3: S3Client,
  Bucket: string,
  Key: string,
  path: string,
): Promise<boolean> {
  const object = await head(s3, Bucket, Key, { ChecksumMode: 'ENABLED' });
  const { size } = await stat(path);
  if (object === undefined || object.ContentLength !== size) return false;
  const { ChecksumCRC32: crc, ETag = '' } = object;
  const whole = crc !== undefined && !crc.includes('-');
  const content = await digest(path, whole, partBytes(size));
  return whole
    ? crc === content.crc
    : ETag.replaceAll('"', '') === (ETag.includes('-') ? content.partsMd5 : content.md5);
}

/** Returns a file's digests as S3 shows them, for a single upload and for a multipart upload. */
async function digest(path: string, onlyCrc: boolean, part: number) {
  let crc = 0;
  const md5 = createHash('md5');
  const parts: Buffer[] = [];
  let partMd5 = createHash('md5');
  let inPart = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: 1024 * 1024 }) as AsyncIterable<Buffer>) {
    crc = crc32(chunk, crc);
    if (onlyCrc) continue;
    md5.update(chunk);
    for (let rest = chunk; rest.length > 0;) {
      const taken = rest.subarray(0, part - inPart);
      partMd5.update(taken);
      inPart += taken.length;
      rest = rest.subarray(taken.length);
      if (inPart < part) continue;
      parts.push(partMd5.digest());
      partMd5 = createHash('md5');
      inPart = 0;
    }
  }
  if (inPart > 0) parts.push(partMd5.digest());
  const crcBytes = Buffer.alloc(4);
  crcBytes.writeUInt32BE(crc);
  return {
    crc: crcBytes.toString('base64'),
    md5: md5.digest('hex'),
    partsMd5: `${createHash('md5').update(Buffer.concat(parts)).digest('hex')}-${parts.length}`,
  };
}
