import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';

/** Files up to this size go out from memory, which spares the streaming signature its chunks. Bytes. */
const IN_MEMORY = 8 * 1024 * 1024;

/**
 * Uploads one file.
 * @returns the version id, on a versioned bucket
 */
export async function uploadFile(
  s3: S3Client,
  Bucket: string,
  Key: string,
  path: string,
): Promise<string | undefined> {
  const { size } = await stat(path);
  const Body = size <= IN_MEMORY ? await readFile(path) : createReadStream(path);
  const { VersionId } = await s3.send(new PutObjectCommand({ Bucket, Key, Body, ContentLength: size }));
  return VersionId;
}
