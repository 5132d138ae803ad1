import { createWriteStream } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline as pipe } from 'node:stream/promises';
import { DeleteObjectCommand, GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import pLimit, { type LimitFunction } from 'p-limit';
import type { StoredResult } from '../core/outcome.ts';
import { readResultMetadata } from '../core/result-metadata.ts';
import type { PipelineBuckets } from '../ops/object-status.ts';
import type { Settlements } from '../ops/settlements.ts';
import { uploadFile } from '../ops/upload/upload-file.ts';
import { messageOf } from './arguments.ts';

/** What became of one file: the lines of `--json`. */
export type FileOutcome =
  | { type: 'converted'; key: string; results: StoredResult[] }
  | { type: 'failed'; key: string; code: string; message: string };

export interface ConvertJob {
  s3: S3Client;
  buckets: PipelineBuckets;
  settlements: Settlements;
  /** Folder of the sources. */
  from: string;
  /** Folder of the results. */
  to: string;
  /** Files in the pipeline at the same time: enough for full batches, few enough to bound disk and memory. */
  window: number;
  /** Once it is aborted, no other file is begun. */
  stop: AbortSignal;
  onOutcome(outcome: FileOutcome): void;
}

const UPLOADS_AT_ONCE = 8;

/** Takes files, by their paths below `from`, through the pipeline and stores the results below `to`. */
export async function runConvertJob(paths: readonly string[], job: ConvertJob): Promise<void> {
  const uploads = pLimit(UPLOADS_AT_ONCE);
  const remaining = paths.values();
  const lane = async () => {
    for (const path of remaining) {
      if (job.stop.aborted) return;
      job.onOutcome(await convertFile(path, job, uploads));
    }
  };
  await Promise.all(Array.from({ length: Math.min(job.window, paths.length) }, lane));
}

async function convertFile(path: string, job: ConvertJob, uploads: LimitFunction): Promise<FileOutcome> {
  const { s3, buckets, settlements } = job;
  const [bucket = ''] = buckets.uploadBuckets;
  // On every platform the key has slashes.
  const key = path.replaceAll('\\', '/');
  const settling = settlements.expect({ bucket, key });
  // It may fail while the upload, which is awaited first, is still under way.
  settling.catch(() => undefined);
  let versionId: string | undefined;
  try {
    versionId = await uploads(() => uploadFile(s3, bucket, key, join(job.from, path)));
  } catch (error) {
    settlements.forget({ bucket, key });
    return { type: 'failed', key, code: 'file.unreadable', message: messageOf(error) };
  }
  const settled = await settling;
  const stored = settled.kind === 'converted' ? settled.resultKeys : [];
  try {
    if (settled.kind === 'failed')
      return { type: 'failed', key, code: settled.code, message: settled.message };
    const results = await Promise.all(stored.map((resultKey) => download(resultKey, job)));
    return { type: 'converted', key, results };
  } catch (error) {
    return { type: 'failed', key, code: 'file.unwritable', message: messageOf(error) };
  } finally {
    // The files are on the disk twice meanwhile; without this, all of them would be.
    await discard(s3, bucket, key, versionId);
    for (const resultKey of stored) await discard(s3, buckets.resultBucket, resultKey);
  }
}

async function download(key: string, { s3, buckets, to }: ConvertJob): Promise<StoredResult> {
  const answer = await s3.send(new GetObjectCommand({ Bucket: buckets.resultBucket, Key: key }));
  const metadata = readResultMetadata(answer.Metadata);
  if (metadata === undefined || !(answer.Body instanceof Readable))
    throw new Error(`${key} is not a result of this pipeline`);
  const file = join(to, key);
  const partial = `${file}.part`;
  await mkdir(dirname(file), { recursive: true });
  try {
    await pipe(answer.Body, createWriteStream(partial));
    await rename(partial, file);
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
  const { rendition, width, height } = metadata;
  return {
    rendition,
    key,
    contentType: answer.ContentType ?? '',
    bytes: answer.ContentLength ?? 0,
    width,
    height,
  };
}

async function discard(s3: S3Client, Bucket: string, Key: string, VersionId?: string): Promise<void> {
  await s3.send(new DeleteObjectCommand({ Bucket, Key, ...(VersionId === undefined ? {} : { VersionId }) }));
}
