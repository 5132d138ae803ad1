import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import type { LocalAws } from '@millrace/local-aws';
import pLimit, { type LimitFunction } from 'p-limit';
import { isTooLong, MAX_KEY_BYTES } from '../../core/keys.ts';
import type { StoredResult } from '../../core/outcome.ts';
import { appearanceIn, readResultMetadata } from '../../core/result-metadata.ts';
import type { PipelineBuckets } from '../../ops/object-status.ts';
import type { ConversionWatch } from './watch-conversions.ts';
import { messageOf } from '../arguments.ts';
import type { ResultFolder } from './result-folder.ts';
import type { ResultPaths } from './result-paths.ts';

/** The outcome of one file: a line of `--json`. Keys of results are their paths in the result folder. */
export type FileOutcome =
  | { type: 'converted'; key: string; results: StoredResult[] }
  | { type: 'failed'; key: string; code: string; message: string };

export interface ConvertJob {
  /** The objects of the pipeline's S3, in this process. */
  objects: LocalAws['objects'];
  buckets: PipelineBuckets;
  conversions: ConversionWatch;
  /** Folder of the sources. */
  from: string;
  results: ResultFolder;
  paths: Pick<ResultPaths, 'of'>;
  /** Files in the pipeline at the same time: enough for full batches, few enough to bound disk and memory. */
  window: number;
  /** Once aborted, no more files are begun. */
  stop: AbortSignal;
  onOutcome(outcome: FileOutcome): void;
}

const UPLOADS_AT_ONCE = 8;
/** Bytes per read of a file. */
const READ_BYTES = 1024 * 1024;

/** Thrown when a source file cannot be read. */
class UnreadableFile extends Error {
  override readonly name = 'UnreadableFile';
}

/**
 * Runs files through the pipeline and stores the results. The keys are the files' paths in `from`.
 * @throws the pipeline's error; no more files are begun after it
 */
export async function runConvertJob(keys: readonly string[], job: ConvertJob): Promise<void> {
  const uploads = pLimit(UPLOADS_AT_ONCE);
  const remaining = keys.values();
  let failed = false;
  const convertNext = async () => {
    for (const key of remaining) {
      if (job.stop.aborted || failed) return;
      try {
        await convertFile(key, job, uploads);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(job.window, keys.length) }, convertNext));
}

async function convertFile(key: string, job: ConvertJob, uploads: LimitFunction): Promise<void> {
  const { objects, buckets, conversions } = job;
  const [bucket = ''] = buckets.uploadBuckets;
  if (isTooLong(key))
    return job.onOutcome({
      type: 'failed',
      key,
      code: 'file.unreadable',
      message: `KeyTooLongError: its path has more than ${MAX_KEY_BYTES} bytes`,
    });
  const ending = conversions.expect({ bucket, key });
  // Prevents an unhandled rejection while the upload is awaited.
  ending.catch(() => undefined);
  let versionId: string | undefined;
  try {
    const path = join(job.from, ...key.split('/'));
    ({ versionId } = await uploads(() => objects.put(bucket, key, contentOf(path))));
  } catch (error) {
    conversions.forget({ bucket, key });
    if (!(error instanceof UnreadableFile)) throw error;
    return job.onOutcome({ type: 'failed', key, code: 'file.unreadable', message: messageOf(error) });
  }
  const ended = await ending;
  const stored = ended.kind === 'converted' ? ended.resultKeys : [];
  try {
    if (ended.kind === 'failed')
      job.onOutcome({ type: 'failed', key, code: ended.code, message: ended.message });
    else {
      const paths = job.paths.of(key);
      const results = await Promise.all(
        stored.map((resultKey, index) => download(resultKey, paths[index] ?? resultKey, job)),
      );
      job.onOutcome({ type: 'converted', key, results });
    }
  } catch (error) {
    job.onOutcome({ type: 'failed', key, code: 'file.unwritable', message: messageOf(error) });
  }
  // Files in the pipeline are on the disk twice; without this, all files would be.
  await objects.delete(bucket, key, versionId);
  for (const resultKey of stored) await objects.delete(buckets.resultBucket, resultKey);
}

/** Opens the file only when it is read, so that a file that is never read is not left open. */
async function* contentOf(path: string): AsyncGenerator<Uint8Array> {
  try {
    yield* createReadStream(path, { highWaterMark: READ_BYTES }) as AsyncIterable<Uint8Array>;
  } catch (cause) {
    throw new UnreadableFile(messageOf(cause), { cause });
  }
}

async function download(
  resultKey: string,
  path: string,
  { objects, buckets, results }: ConvertJob,
): Promise<StoredResult> {
  const { version, body } = await objects.get(buckets.resultBucket, resultKey);
  try {
    const metadata = readResultMetadata(version.metadata);
    if (metadata === undefined) throw new Error(`${resultKey} is not a result of this pipeline`);
    await results.write(path, body);
    const { rendition } = metadata;
    const { headers, bytes } = version;
    const contentType = headers['content-type'] ?? '';
    return { rendition, key: path, contentType, bytes, ...appearanceIn(metadata) };
  } finally {
    // An open body keeps its content on disk.
    body.destroy();
  }
}
