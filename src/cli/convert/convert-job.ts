import { isTooLong, MAX_KEY_BYTES } from '../../core/keys.ts';
import { messageOf } from '../../core/message-of.ts';
import type { StoredResult } from '../../core/outcome.ts';
import { appearanceIn, readResultMetadata } from '../../core/result-metadata.ts';
import type { DraftResult, ExpectedFiles } from './expected-files.ts';
import type { ResultFolder } from './result-folder.ts';
import type { ResultPaths } from './result-paths.ts';

/** The outcome of one file: a line of `--json`. Keys of results are their paths in the result folder. */
export type FileOutcome =
  | { type: 'converted'; key: string; results: StoredResult[] }
  | { type: 'failed'; key: string; code: string; message: string };

export interface ConvertJob {
  files: Pick<ExpectedFiles, 'expect'>;
  /** Lets the pipeline convert a file. */
  queue(key: string): void;
  results: Pick<ResultFolder, 'adopt'>;
  paths: Pick<ResultPaths, 'of'>;
  /** Files in the pipeline at the same time: enough for full batches, few enough to bound the queue. */
  window: number;
  /** Once aborted, no more files are begun. */
  stop: AbortSignal;
  onOutcome(outcome: FileOutcome): void;
}

/**
 * Runs files through the pipeline and stores the results. The keys are the files' paths in their folder.
 * @throws the pipeline's error; no more files are begun after it
 */
export async function runConvertJob(keys: readonly string[], job: ConvertJob): Promise<void> {
  const remaining = keys.values();
  let failed = false;
  const convertNext = async () => {
    for (const key of remaining) {
      if (job.stop.aborted || failed) return;
      try {
        job.onOutcome(await convertFile(key, job));
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(job.window, keys.length) }, convertNext));
}

async function convertFile(key: string, job: ConvertJob): Promise<FileOutcome> {
  if (isTooLong(key))
    return {
      type: 'failed',
      key,
      code: 'file.unreadable',
      message: `KeyTooLongError: its path has more than ${MAX_KEY_BYTES} bytes`,
    };
  const ending = job.files.expect(key);
  job.queue(key);
  const ended = await ending;
  if (ended.kind === 'failed') return { type: 'failed', key, code: ended.code, message: ended.message };
  const paths = job.paths.of(key);
  try {
    const results = await Promise.all(
      ended.results.map((result, index) => adopt(result, paths[index] ?? result.key, job)),
    );
    return { type: 'converted', key, results };
  } catch (error) {
    return { type: 'failed', key, code: 'file.unwritable', message: messageOf(error) };
  }
}

async function adopt(
  { key, draft, bytes, contentType, metadata: raw }: DraftResult,
  path: string,
  { results }: ConvertJob,
): Promise<StoredResult> {
  await results.adopt(draft, path);
  const metadata = readResultMetadata(raw);
  if (metadata === undefined) throw new Error(`${key} is not a result of this pipeline`);
  return { rendition: metadata.rendition, key: path, contentType, bytes, ...appearanceIn(metadata) };
}
