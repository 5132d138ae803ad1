import type { OpsContext } from '../context.ts';
import type { Followed } from './follow.ts';
import { keepRecord } from './keep-record.ts';
import { createRedrive, type MoveRequest, type RedriveEnd } from './move-and-follow.ts';
import { newRedriveId, openRecord, type RedriveRecord } from './record.ts';

export interface RedriveRequest extends MoveRequest {
  who: string;
  why: string;
  /** The request in words. */
  what: string;
}

export interface RedriveHooks {
  onFollowed?(followed: Followed): void;
  onCounts?(record: RedriveRecord): void;
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
  const id = newRedriveId();
  const now = new Date().toISOString();
  const { who, why, what } = request;
  const counts = { moved: 0, converted: 0, failedAgain: 0, gone: 0, pending: 0 };
  let record: RedriveRecord = {
    version: 1,
    id,
    state: 'running',
    who,
    why,
    what,
    startedAt: now,
    updatedAt: now,
    cancelRequested: false,
    counts,
  };
  const kept = await openRecord(ops, record);
  const redrive = createRedrive(ops, id, request, stop, counts, (followed) => hooks.onFollowed?.(followed));
  const keeping = keepRecord(
    kept,
    () => ({ counts: { ...counts } }),
    redrive.cancel,
    () => hooks.onCounts?.({ ...record, counts }),
  );
  let end: RedriveEnd;
  try {
    end = await redrive.run();
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
  record = { ...record, ...change };
  await kept.update(change);
  return record;
}
