import pLimit from 'p-limit';
import { ApiError } from '../../client/api-error.ts';
import { followBatch, listBatchObjects } from '../../client/batch.ts';
import type { Client } from '../../client/client.ts';
import type { Source, Upload } from '../../client/source.ts';
import { createUploader } from '../../client/uploader.ts';
import { LIMITS } from '../../contract/limits.ts';
import type { LocalFile } from './find-files.ts';
import { apiClient } from '../api/access.ts';
import { readingFailed } from '../../core/reading-failed.ts';
import { CommandError, EXIT } from '../exit-codes.ts';
import { byteCount, count, printable } from '../format.ts';
import { interruptible } from '../interrupt.ts';
import { hint, print, printJson } from '../output.ts';
import { describeRate, showProgress } from '../progress.ts';
import { conclude, newTally } from './conclude.ts';
import { fileSource } from './file-source.ts';
import type { UploadCommandOptions } from './run-upload.ts';

const RESULTS_AT_ONCE = 16;

/** Uploads files as a batch through the API, which requires only permission to call it. */
export async function runApiUpload(
  files: readonly LocalFile[],
  apiUrl: URL,
  options: UploadCommandOptions,
): Promise<void> {
  checkOptions(files.length, options);
  try {
    await uploadAndFollow(apiUrl, files, options);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    const allowed = error.status === 401 || error.status === 403 ? 'not allowed' : 'the API refused';
    throw new CommandError(EXIT.unreachable, `${allowed}: ${error.message}`, { cause: error });
  }
}

async function uploadAndFollow(
  apiUrl: URL,
  files: readonly LocalFile[],
  options: UploadCommandOptions,
): Promise<void> {
  const { json, wait } = options;
  const begun = performance.now();
  const seconds = () => Math.round((performance.now() - begun) / 10) / 100;
  const stop = interruptible();
  const client = apiClient(apiUrl, stop);
  const tally = newTally();
  let pending = 0;

  const fail = (key: string, code: string, message: string) => {
    tally.failed += 1;
    if (json) printJson({ type: 'failed', key, code, message });
    else print(printable(`failed  ${key}  ${code}  ${message}`));
  };

  const failUpload = (name: string, message: string) => {
    tally.notUploaded += 1;
    fail(name, 'file.unreadable', message);
  };

  function onSettled({ state, source, key, error }: Upload): void {
    if (state === 'failed') return failUpload(source.name, readingFailed(error));
    tally.uploaded += 1;
    tally.bytes += source.size;
    if (json && !wait) printJson({ type: 'uploaded', key, bytes: source.size });
  }

  const onBatch = (id: string) => (json ? printJson({ type: 'batch', batch: id }) : hint(`batch ${id}`));
  const hide = showProgress(() => {
    const done = tally.uploaded + (wait ? 0 : tally.failed);
    const rate = describeRate(done, files.length, seconds());
    return `${rate} · ${byteCount(tally.bytes)}${wait ? ` · ${count(tally.converted)} converted` : ''}`;
  });
  let batch: string | undefined;
  try {
    const uploader = createUploader({
      client,
      atOnce: options.concurrency,
      stop,
      onBatch,
      onSettled,
      onRefused: ({ name }, what) => failUpload(name, what),
    });
    const sources = await sourcesOf(files, stop, failUpload);
    try {
      batch = await uploader.add(sources);
    } finally {
      // Files that were signed before the API refused the rest are still sent.
      await uploader.idle();
    }
    if (wait && batch !== undefined && tally.uploaded > 0) {
      const limits = options.timeout === undefined ? [] : [AbortSignal.timeout(options.timeout * 1000)];
      const enough = AbortSignal.any([stop, ...limits]);
      // Every upload has arrived, so any that is missing from the bucket was deleted.
      const counts = await followBatch(client, batch, 0, {
        stop: enough,
        onCounts: ({ converted }) => (tally.converted = converted),
      });
      tally.ignored = counts.ignored;
      tally.gone = Math.max(0, tally.uploaded - counts.uploaded);
      ({ pending } = counts);
      await showEnds(client, batch, json, fail);
      if (json && tally.gone > 0) await showGone(client, batch, uploader.uploads);
    }
  } finally {
    hide();
  }
  const again = stop.aborted && 'the same command uploads all files again, as another batch';
  conclude({ ...tally, files: files.length, pending, seconds: seconds() }, options, again);
}

/** Returns the files that can be read. */
async function sourcesOf(
  files: readonly LocalFile[],
  stop: AbortSignal,
  onFailed: (name: string, message: string) => void,
): Promise<Source[]> {
  const sources: Source[] = [];
  for (const file of files) {
    if (stop.aborted) break;
    try {
      sources.push(await fileSource(file));
    } catch (error) {
      onFailed(file.key, readingFailed(error));
    }
  }
  return sources;
}

/** Prints the outcome of each object. */
async function showEnds(
  client: Client,
  batch: string,
  json: true | undefined,
  fail: (key: string, code: string, message: string) => void,
): Promise<void> {
  for await (const { key, reason } of listBatchObjects(client, batch, 'failed'))
    fail(key, reason?.code ?? 'internal.unexpected', reason?.message ?? 'its report is gone');
  if (!json) return;
  for await (const { key } of listBatchObjects(client, batch, 'ignored')) printJson({ type: 'ignored', key });
  const limit = pLimit(RESULTS_AT_ONCE);
  const keys: string[] = [];
  for await (const { key } of listBatchObjects(client, batch, 'converted')) keys.push(key);
  try {
    await limit.map(keys, async (key) => {
      const status = await client.getObject({ key });
      // It may have been uploaded again since it was listed.
      if (status.status === 'converted') printJson({ type: 'converted', key, results: status.results });
    });
  } finally {
    // After an error, the others are not looked up.
    limit.clearQueue();
  }
}

/** Prints the uploads that are no longer in the batch. */
async function showGone(client: Client, batch: string, uploads: readonly Upload[]): Promise<void> {
  const there = new Set<string>();
  for await (const { key } of listBatchObjects(client, batch)) there.add(key);
  for (const { key, state } of uploads)
    if (state === 'sent' && !there.has(key)) printJson({ type: 'gone', key });
}

function checkOptions(files: number, { bucket, wait }: UploadCommandOptions): void {
  if (bucket !== undefined)
    throw new CommandError(EXIT.wrongUsage, '--bucket: the API uploads into the first bucket only');
  if (wait && files > LIMITS.countedUploads)
    throw new CommandError(
      EXIT.wrongUsage,
      `--wait: ${count(files)} files are more than the ${count(LIMITS.countedUploads)} that the API follows; upload them in parts`,
    );
}
