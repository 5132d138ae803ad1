import { stat } from 'node:fs/promises';
import type { S3Client } from '@aws-sdk/client-s3';
import pLimit from 'p-limit';
import type { LocalFile } from './find-files.ts';
import { hasContentOf } from './same-content.ts';
import { uploadFile } from './upload-file.ts';

/** The outcome of one file. */
export type Uploaded =
  | { kind: 'uploaded'; key: string; bytes: number }
  /** The object already has this content. */
  | { kind: 'skipped'; key: string; bytes: number }
  | { kind: 'failed'; key: string; error: unknown };

export interface UploadOptions {
  s3: S3Client;
  bucket: string;
  /** Concurrent uploads. */
  concurrency: number;
  skipExisting: boolean;
  /** Once aborted, no more files are started; those in progress are finished. */
  stop: AbortSignal;
  onUploaded(uploaded: Uploaded): void;
}

/** Uploads files with limited concurrency. A file that fails is reported and does not stop the others. */
export async function uploadFiles(files: readonly LocalFile[], options: UploadOptions): Promise<void> {
  const remaining = files.values();
  const uploadNext = async () => {
    for (const file of remaining) {
      if (options.stop.aborted) return;
      options.onUploaded(await uploadOne(file, options));
    }
  };
  await Promise.all(Array.from({ length: Math.min(options.concurrency, files.length) }, uploadNext));
}

/**
 * Returns the files whose content is not yet in the bucket under their key.
 * @throws the error of the file system or the SDK
 */
export async function missingFiles(
  files: readonly LocalFile[],
  { s3, bucket, concurrency }: Pick<UploadOptions, 's3' | 'bucket' | 'concurrency'>,
): Promise<LocalFile[]> {
  const found = await pLimit(concurrency).map(files, ({ key, path }) => hasContentOf(s3, bucket, key, path));
  return files.filter((_, index) => found[index] !== true);
}

async function uploadOne(
  { path, key }: LocalFile,
  { s3, bucket, skipExisting }: UploadOptions,
): Promise<Uploaded> {
  try {
    if (skipExisting && (await hasContentOf(s3, bucket, key, path)))
      return { kind: 'skipped', key, bytes: (await stat(path)).size };
    return { kind: 'uploaded', key, bytes: await uploadFile(s3, bucket, key, path) };
  } catch (error) {
    return { kind: 'failed', key, error };
  }
}
