import { join } from 'node:path';
import { Readable } from 'node:stream';
import { DeleteObjectCommand, GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import pLimit, { type LimitFunction } from 'p-limit';
import { defined } from '../../core/defined.ts';
import type { StoredResult } from '../../core/outcome.ts';
import { readResultMetadata } from '../../core/result-metadata.ts';
import type { PipelineBuckets } from '../../ops/object-status.ts';
import type { ConversionWatch } from './watch-conversions.ts';
import { uploadFile } from '../upload/upload-file.ts';
import { messageOf } from '../arguments.ts';
import type { ResultFolder } from './result-folder.ts';

/** The outcome of one file: a line of `--json`. */
export type FileOutcome =
  | { type: 'converted'; key: string; results: StoredResult[] }
  | { type: 'failed'; key: string; code: string; message: string };

export interface ConvertJob {
  s3: S3Client;
  buckets: PipelineBuckets;
  conversions: ConversionWatch;
  /** Folder of the sources. */
  from: string;
  results: ResultFolder;
  /** Files in the pipeline at the same time: enough for full batches, few enough to bound disk and memory. */
  window: number;
  /** Once it is aborted, no further file is begun. */
  stop: AbortSignal;
  onOutcome(outcome: FileOutcome): void;
}

const UPLOADS_AT_ONCE = 8;

/** Runs files through the pipeline and stores the results. The keys are the files' paths in `from`. */
export async function runConvertJob(keys: readonly string[], job: ConvertJob): Promise<void> {
  const uploads = pLimit(UPLOADS_AT_ONCE);
  const remaining = keys.values();
  const lane = async () => {
    for (const key of remaining) {
      if (job.stop.aborted) return;
      await convertFile(key, job, uploads);
    }
  };
  await Promise.all(Array.from({ length: Math.min(job.window, keys.length) }, lane));
}

async function convertFile(key: string, job: ConvertJob, uploads: LimitFunction): Promise<void> {
  const { s3, buckets, conversions } = job;
  const [bucket = ''] = buckets.uploadBuckets;
  const ending = conversions.expect({ bucket, key });
  // It may fail during the upload, which is awaited first.
  ending.catch(() => undefined);
  let versionId: string | undefined;
  try {
    versionId = await uploads(() => uploadFile(s3, bucket, key, join(job.from, ...key.split('/'))));
  } catch (error) {
    conversions.forget({ bucket, key });
    return job.onOutcome({ type: 'failed', key, code: 'file.unreadable', message: messageOf(error) });
  }
  const ended = await ending;
  const stored = ended.kind === 'converted' ? ended.resultKeys : [];
  try {
    if (ended.kind === 'failed')
      job.onOutcome({ type: 'failed', key, code: ended.code, message: ended.message });
    else {
      const results = await Promise.all(stored.map((resultKey) => download(resultKey, job)));
      job.onOutcome({ type: 'converted', key, results });
    }
  } catch (error) {
    job.onOutcome({ type: 'failed', key, code: 'file.unwritable', message: messageOf(error) });
  }
  // Files in the pipeline are on the disk twice; without this, all files would be.
  await discard(s3, bucket, key, versionId);
  for (const resultKey of stored) await discard(s3, buckets.resultBucket, resultKey);
}

async function download(key: string, { s3, buckets, results }: ConvertJob): Promise<StoredResult> {
  const answer = await s3.send(new GetObjectCommand({ Bucket: buckets.resultBucket, Key: key }));
  const metadata = readResultMetadata(answer.Metadata);
  if (metadata === undefined || !(answer.Body instanceof Readable))
    throw new Error(`${key} is not a result of this pipeline`);
  await results.write(key, answer.Body);
  const { rendition, width, height } = metadata;
  const { ContentType: contentType = '', ContentLength: bytes = 0 } = answer;
  return defined({ rendition, key, contentType, bytes, width, height });
}

async function discard(s3: S3Client, Bucket: string, Key: string, VersionId?: string): Promise<void> {
  await s3.send(new DeleteObjectCommand({ Bucket, Key, ...defined({ VersionId }) }));
}
