import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';

/** Files above this size are uploaded in parts of this size, in bytes. */
export const PART_BYTES = 16 * 1024 * 1024;
const PARTS_AT_ONCE = 4;
/** S3's limit. Very large files have larger parts. */
const MOST_PARTS = 10_000;

/** Returns the part size for a file, in bytes. The last part may be smaller. */
export function partBytes(fileBytes: number): number {
  return Math.max(PART_BYTES, Math.ceil(fileBytes / MOST_PARTS));
}

/**
 * Uploads one file.
 * @returns its size in bytes
 * @throws the error of the file system, or of the SDK after its retries; no part of the object is left
 */
export async function uploadFile(s3: S3Client, Bucket: string, Key: string, path: string): Promise<number> {
  const { size } = await stat(path);
  if (size <= PART_BYTES) {
    const Body = await readFile(path);
    await s3.send(new PutObjectCommand({ Bucket, Key, Body }));
    return Body.byteLength;
  }
  const upload = new Upload({
    client: s3,
    params: { Bucket, Key, Body: createReadStream(path) },
    partSize: partBytes(size),
    queueSize: PARTS_AT_ONCE,
  });
  await upload.done();
  return size;
}
