import { defined } from '../core/defined.ts';
import { failureKey, isTooLong } from '../core/keys.ts';
import { SETTINGS } from '../core/settings.ts';
import { runBackfill } from './backfill.ts';
import type { OpsContext } from './context.ts';
import { listUploadStates, type UploadState } from './list-upload-states.ts';

/** What a reconciliation found. */
export interface Reconciliation {
  uploads: number;
  queued: number;
  /** The first keys that were queued. */
  sample: string[];
  /** Key to go on after if the reconciliation was stopped: every key up to this key is done. */
  goOnAfter?: string;
}

/** Whether something will settle a pending upload without another message. */
export type InProgress = (upload: UploadState) => boolean;

const SAMPLE = 20;

/** Judges without looking at the queues, at a time in milliseconds since 1970. */
function byAge(now: number): InProgress {
  const until = now - SETTINGS.reconcileAfterSeconds * 1000;
  // The message of an attempt still exists: another message would restart the attempts, on every run if the object is
  // poison.
  return ({ uploadedAt, attempting }) => uploadedAt.getTime() > until || attempting === true;
}

/**
 * Queues every upload that has neither a result nor a failure report and is not in progress: its notification was
 * lost, has expired or was never sent. Relies on listings, in constant memory.
 * @param options.after only keys after this one
 * @param options.now milliseconds since 1970, from which the age counts
 * @param options.inProgress which uploads a message will still settle; by default, those younger than an hour
 * @throws the SDK's error; what was queued before stays queued
 */
export async function queueUnsettled(
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

  async function* unsettled(): AsyncGenerator<UploadState> {
    for await (const entry of listUploadStates(ops.s3, ops.deployment, '', defined({ after }))) {
      // Several buckets may have the same key. The next run begins after that key, so this run handles all of them.
      if (stop.aborted && entry.key !== last) return;
      last = entry.key;
      uploads += 1;
      if (entry.state !== 'pending' || inProgress(entry)) continue;
      // It was rejected, but its key leaves no room for a report that says so.
      if (isTooLong(failureKey(entry, ops.deployment))) continue;
      if (sample.length < SAMPLE) sample.push(entry.key);
      yield entry;
    }
    complete = true;
  }

  // Not `stop`: everything found is queued before another run goes on after it.
  const queued = await runBackfill(ops, unsettled(), new AbortController().signal);
  return { uploads, queued, sample, ...(complete ? {} : { goOnAfter: last }) };
}
