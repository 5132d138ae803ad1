import { objectStatus } from '../../ops/object-status.ts';
import type { LocalFile } from './find-files.ts';
import { waitForOutcomes, type FinalState } from './wait-for-outcomes.ts';
import { uploadFiles, type Uploaded } from './upload-files.ts';
import { readingFailed } from '../../core/reading-failed.ts';
import type { Connection, ConnectionOptions } from '../connection.ts';
import { CommandError, EXIT } from '../exit-codes.ts';
import { byteCount, count, printable } from '../format.ts';
import { interruptible } from '../interrupt.ts';
import { print, printJson } from '../output.ts';
import { isConnectionError } from '../report-error.ts';
import { describeRate, showProgress } from '../progress.ts';
import { conclude, newTally } from './conclude.ts';

export interface UploadCommandOptions extends ConnectionOptions {
  prefix: string;
  bucket?: string;
  concurrency: number;
  include: string[];
  exclude: string[];
  followLinks?: true;
  skipExisting?: true;
  dryRun?: true;
  wait?: true;
  timeout?: number;
  json?: true;
  api?: string | true;
}

/** Uploads files and follows them. Writes progress to stderr and each file's outcome to stdout. */
export async function runUpload(
  pipeline: Connection,
  files: readonly LocalFile[],
  options: UploadCommandOptions,
): Promise<void> {
  const begun = performance.now();
  const seconds = () => Math.round((performance.now() - begun) / 10) / 100;
  const bucket = bucketOf(pipeline, options.bucket);
  const stop = interruptible();
  const tally = newTally();
  const refused = new AbortController();
  const late = new AbortController();
  const pending = new Set<string>();
  let uploading = true;

  const fail = (key: string, code: string, message: string) => {
    tally.failed += 1;
    if (options.json) printJson({ type: 'failed', key, code, message });
    else print(printable(`failed  ${key}  ${code}  ${message}`));
  };

  function onUploaded(each: Uploaded): void {
    if (each.kind === 'failed') {
      // Every file would fail the same way.
      if (isConnectionError(each.error)) return refused.abort(each.error);
      tally.notUploaded += 1;
      return fail(each.key, 'file.unreadable', readingFailed(each.error));
    }
    tally[each.kind] += 1;
    if (each.kind === 'uploaded') tally.bytes += each.bytes;
    if (options.wait) pending.add(each.key);
    else if (options.json) printJson({ type: each.kind, key: each.key, bytes: each.bytes });
  }

  async function onOutcome(key: string, state: FinalState): Promise<void> {
    if (state !== 'failed' && !options.json) return void (tally[state] += 1);
    const status = await objectStatus(pipeline.s3, pipeline.deployment, { bucket, key });
    // The key was uploaded again in the meantime.
    if (status.status === 'pending') return void pending.add(key);
    if (status.status === 'failed') return fail(key, status.code, status.message);
    const end = status.status === 'unknown' ? 'gone' : status.status;
    tally[end] += 1;
    const results = status.status === 'converted' ? { results: status.results } : {};
    if (options.json) printJson({ type: end, key, ...results });
  }

  const hide = showProgress(() => {
    const done = tally.uploaded + tally.skipped + tally.notUploaded;
    const rate = describeRate(done, files.length, seconds());
    const ends = options.wait ? ` · ${count(tally.converted)} converted` : '';
    return `${rate} · ${byteCount(tally.bytes)}${ends}${tally.failed === 0 ? '' : ` · ${count(tally.failed)} failed`}`;
  });
  try {
    const waiting = options.wait
      ? waitForOutcomes(pipeline, {
          bucket,
          pending,
          more: () => uploading,
          stop: AbortSignal.any([stop, refused.signal, late.signal]),
          onOutcome,
        })
      : Promise.resolve();
    waiting.catch(() => undefined);
    await uploadFiles(files, {
      s3: pipeline.s3,
      bucket,
      concurrency: options.concurrency,
      skipExisting: options.skipExisting === true,
      stop: AbortSignal.any([stop, refused.signal]),
      onUploaded,
    });
    uploading = false;
    if (options.timeout !== undefined) setTimeout(() => late.abort(), options.timeout * 1000).unref();
    refused.signal.throwIfAborted();
    await waiting;
  } finally {
    hide();
  }
  conclude(
    { ...tally, files: files.length, pending: pending.size, seconds: seconds() },
    options,
    stop.aborted && 'to continue, run the same command with --skip-existing',
  );
}

/** Returns the named upload bucket, by default the first. @throws CommandError if it is not an upload bucket */
export function bucketOf({ deployment }: Connection, named: string | undefined): string {
  const [first = ''] = deployment.uploadBuckets;
  if (named === undefined) return first;
  if (deployment.uploadBuckets.includes(named)) return named;
  throw new CommandError(
    EXIT.wrongUsage,
    `--bucket: ${named} is not an upload bucket of this pipeline; its upload buckets: ${deployment.uploadBuckets.join(', ')}`,
  );
}
