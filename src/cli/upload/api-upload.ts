import pLimit from 'p-limit';
import { convertedSchema } from '../../ops/upload/api/answers.ts';
import { ApiRefusal, ask, type Send } from '../../ops/upload/api/client.ts';
import { followBatch, listBatch, MOST_FOLLOWED } from '../../ops/upload/api/follow-batch.ts';
import { uploadBatch, type Sent } from '../../ops/upload/api/upload-batch.ts';
import type { LocalFile } from '../../ops/upload/find-files.ts';
import { apiAccess } from '../api/access.ts';
import { messageOf } from '../arguments.ts';
import { CommandError, EXIT } from '../exit-codes.ts';
import { byteCount, count, printable } from '../format.ts';
import { interruptible } from '../interrupt.ts';
import { hint, print, printJson } from '../output.ts';
import { describeRate, showProgress } from '../progress.ts';
import { conclude } from './conclude.ts';
import type { UploadCommandOptions } from './run-upload.ts';

const RESULTS_AT_ONCE = 16;

/** Uploads files as a batch of the API, which takes no permission but to call it. */
export async function runApiUpload(
  files: readonly LocalFile[],
  apiUrl: URL,
  options: UploadCommandOptions,
): Promise<void> {
  checkOptions(files.length, options);
  try {
    await uploadAndFollow(apiAccess(apiUrl), files, options);
  } catch (error) {
    if (!(error instanceof ApiRefusal)) throw error;
    const allowed = error.status === 401 || error.status === 403 ? 'not allowed' : 'the API refused';
    throw new CommandError(EXIT.unreachable, `${allowed}: ${error.message}`, { cause: error });
  }
}

async function uploadAndFollow(
  send: Send,
  files: readonly LocalFile[],
  options: UploadCommandOptions,
): Promise<void> {
  const { json, wait } = options;
  const begun = performance.now();
  const seconds = () => Math.round((performance.now() - begun) / 10) / 100;
  const stop = interruptible();
  const tally = { uploaded: 0, skipped: 0, notUploaded: 0, converted: 0, failed: 0, ignored: 0, bytes: 0 };
  let pending = 0;

  const fail = (key: string, code: string, message: string) => {
    tally.failed += 1;
    if (json) printJson({ type: 'failed', key, code, message });
    else print(printable(`failed  ${key}  ${code}  ${message}`));
  };

  function onSent(sent: Sent): void {
    if (sent.kind === 'failed') {
      tally.notUploaded += 1;
      return fail(sent.name, 'file.unreadable', messageOf(sent.error));
    }
    tally.uploaded += 1;
    tally.bytes += sent.bytes;
    if (json && !wait) printJson({ type: 'uploaded', key: sent.key, bytes: sent.bytes });
  }

  const onBatch = (id: string) => (json ? printJson({ type: 'batch', batch: id }) : hint(`batch ${id}`));
  const hide = showProgress(() => {
    const done = tally.uploaded + (wait ? 0 : tally.failed);
    const rate = describeRate(done, files.length, seconds());
    return `${rate} · ${byteCount(tally.bytes)}${wait ? ` · ${count(tally.converted)} converted` : ''}`;
  });
  let batch: string | undefined;
  try {
    const { concurrency } = options;
    batch = await uploadBatch(files, { send, concurrency, stop, onBatch, onSent });
    if (wait && batch !== undefined && tally.uploaded > 0) {
      const limits = options.timeout === undefined ? [] : [AbortSignal.timeout(options.timeout * 1000)];
      const enough = AbortSignal.any([stop, ...limits]);
      const counts = await followBatch(send, batch, tally.uploaded, enough, ({ converted }) => {
        tally.converted = converted;
      });
      tally.ignored = counts.ignored;
      pending = Math.max(0, tally.uploaded - counts.converted - counts.failed - counts.ignored);
      await showEnds(send, batch, json, stop, fail);
    }
  } finally {
    hide();
  }
  const again = stop.aborted && 'the same command uploads all of them again, as another batch';
  conclude({ ...tally, files: files.length, pending, seconds: seconds() }, options, again);
}

/** What became of each object. */
async function showEnds(
  send: Send,
  batch: string,
  json: true | undefined,
  stop: AbortSignal,
  fail: (key: string, code: string, message: string) => void,
): Promise<void> {
  for await (const { key, reason } of listBatch(send, batch, 'failed', stop))
    fail(key, reason?.code ?? 'internal.unexpected', reason?.message ?? 'its report is gone');
  if (!json) return;
  for await (const { key } of listBatch(send, batch, 'ignored', stop)) printJson({ type: 'ignored', key });
  const limit = pLimit(RESULTS_AT_ONCE);
  const lines: Promise<void>[] = [];
  for await (const { key } of listBatch(send, batch, 'converted', stop))
    lines.push(
      limit(async () => {
        const path = `/objects/${key.split('/').map(encodeURIComponent).join('/')}`;
        const { results } = await ask(send, convertedSchema, path, { stop });
        printJson({ type: 'converted', key, results });
      }),
    );
  await Promise.all(lines);
}

function checkOptions(files: number, { bucket, skipExisting, wait }: UploadCommandOptions): void {
  if (bucket !== undefined)
    throw new CommandError(EXIT.wrongUsage, '--bucket: the API uploads into the first bucket only');
  if (skipExisting)
    throw new CommandError(EXIT.wrongUsage, '--skip-existing: each upload by the API is a batch of its own');
  if (wait && files > MOST_FOLLOWED)
    throw new CommandError(
      EXIT.wrongUsage,
      `--wait: ${count(files)} files are more than the ${count(MOST_FOLLOWED)} that the API follows; upload them in parts`,
    );
}
