import { timeOf, type OpsContext } from '../context.ts';
import type { Followed } from './follow.ts';
import { keepRecord } from './keep-record.ts';
import { createRedrive, type MoveRequest, type RedriveEnd } from './move-and-follow.ts';
import type { Progress } from './progress.ts';
import { newRecord, type RedriveRecord } from './record.ts';
import { openRecord, type OpenRecord } from './record-store.ts';

export interface RedriveRequest extends MoveRequest {
  who: string;
  why: string;
  /** The request in words. */
  what: string;
}

export interface RedriveHooks {
  onFollowed?(followed: Followed): void;
  onCounts?(record: RedriveRecord): void;
  /** Called instead of ending the record when the run was interrupted: another goes on from there. */
  onInterrupted?(progress: Progress): Promise<void>;
}

/**
 * Moves dead letters to the retry queue: a canary first, then the rest at its rate, until all are moved, too many
 * fail again, somebody cancels it or `stop` is aborted. What was not moved stays in the dead-letter queue.
 * @returns its record, as it is kept in the failure bucket
 * @throws the SDK's error when the pipeline cannot be reached or refuses; the record then says `failed`
 */
export async function runRedrive(
  ops: OpsContext,
  request: RedriveRequest,
  stop: AbortSignal,
  hooks: RedriveHooks = {},
): Promise<RedriveRecord> {
  const { who, why, what } = request;
  const record = newRecord({ who, why, what });
  const kept = await openRecord(ops, record);
  return runOpened(ops, { record, kept }, request, stop, hooks);
}

/** The same for a redrive that has a record already; it goes on with the counts in there. */
export async function runOpened(
  ops: OpsContext,
  { record, kept }: { record: RedriveRecord; kept: OpenRecord },
  request: MoveRequest,
  stop: AbortSignal,
  hooks: RedriveHooks = {},
): Promise<RedriveRecord> {
  const counts = { ...record.counts };
  const onFollowed = (followed: Followed) => hooks.onFollowed?.(followed);
  const redrive = createRedrive(ops, record.id, request, stop, counts, onFollowed);
  if (record.cancelRequested) redrive.cancel();
  const keeping = keepRecord(
    kept,
    () => ({ counts: { ...counts } }),
    redrive,
    () => hooks.onCounts?.({ ...record, counts }),
    timeOf(ops),
  );
  let end: RedriveEnd;
  try {
    end = await redrive.run();
    if (end.state === 'interrupted' && hooks.onInterrupted !== undefined) {
      await keeping.stop();
      // Before others are told to go on from here.
      await kept.update({ counts: { ...counts } });
      await hooks.onInterrupted(redrive.progress());
      return { ...record, counts };
    }
  } catch (error) {
    await keeping.stop();
    await kept.update({
      state: 'failed',
      reason: error instanceof Error ? error.message : String(error),
      counts: { ...counts },
    });
    throw error;
  }
  await keeping.stop();
  const change = { ...end, counts: { ...counts } };
  await kept.update(change);
  return { ...record, ...change };
}
