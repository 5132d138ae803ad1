import { defined } from '../core/defined.ts';
import { failureKey, isTooLong } from '../core/keys.ts';
import { SETTINGS } from '../core/settings.ts';
import { runBackfill } from './backfill.ts';
import type { OpsContext } from './context.ts';
import { listUploadStates, type UploadState } from './list-upload-states.ts';

/** The result of a reconciliation. */
export interface Reconciliation {
  uploads: number;
  queued: number;
  /** The first keys that were queued. */
  sample: string[];
  /** If the reconciliation was stopped, the key to continue after: all keys up to it are done. */
  goOnAfter?: string;
}

/** Returns whether a message in flight will give a pending upload its outcome, so that no other is needed. */
export type InProgress = (upload: UploadState) => boolean;

const SAMPLE = 20;

/** Decides by the upload's age, without reading the queues. `now` is in milliseconds since 1970. */
function byAge(now: number): InProgress {
  const until = now - SETTINGS.reconcileAfterSeconds * 1000;
  // An attempt's message still exists. Another message would restart the attempts: for a poison object, at every run.
  return ({ uploadedAt, attempting }) => uploadedAt.getTime() > until || attempting === true;
}

/**
 * Queues every upload that has neither a result nor a failure report and is not in progress, because its notification
 * was lost, has expired or was never sent. Relies on listings and uses constant memory.
 * @param options.after only keys after this one
 * @param options.now the current time in milliseconds since 1970
 * @param options.inProgress uploads to leave out; by default, those newer than an hour
 * @throws the SDK's error; uploads queued before stay queued
 */
export async function queuePending(
  ops: OpsContext,
  {
    after,
    stop,
    now = Date.now(),
    inProgress = byAge(now),
  }: { after?: string | undefined; stop: AbortSignal; now?: number; inProgress?: InProgress },
): Promise<Reconciliation> {
  const sample: string[] = [];
  let uploads = 0;
  let last = after ?? '';
  let complete = false;

  async function* pendingUploads(): AsyncGenerator<UploadState> {
    for await (const entry of listUploadStates(ops.s3, ops.deployment, '', defined({ after }))) {
      // Several buckets may have the same key. The next run begins after that key, so this run handles all of them.
      if (stop.aborted && entry.key !== last) return;
      last = entry.key;
      uploads += 1;
      if (entry.state !== 'pending' || inProgress(entry)) continue;
      // The upload was rejected, but its key is too long for a failure report.
      if (isTooLong(failureKey(entry, ops.deployment))) continue;
      if (sample.length < SAMPLE) sample.push(entry.key);
      yield entry;
    }
    complete = true;
  }

  // `stop` is not passed on: everything found is queued before the next run continues after it.
  const queued = await runBackfill(ops, pendingUploads(), new AbortController().signal);
  return { uploads, queued, sample, ...(complete ? {} : { goOnAfter: last }) };
}
