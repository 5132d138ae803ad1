import type { RedriveRecord } from '../../core/redrive-record.ts';
import { timeOf, type OpsContext } from '../context.ts';
import type { Followed } from './follow.ts';
import { followRest, moveCanary, moveRest } from './move.ts';
import { newRecord, openRecord, type OpenRecord } from './record.ts';
import {
  beginRedrive,
  progressOf,
  totalRefused,
  type MoveRequest,
  type Progress,
  type Redrive,
} from './redrive.ts';
import type { RedriveEnd } from './stop.ts';
import { messageOf } from '../../core/message-of.ts';

export interface RedriveRequest extends MoveRequest {
  who: string;
  why: string;
  /** The request as text. */
  what: string;
}

export interface RedriveHooks {
  onFollowed?(followed: Followed): void;
  onCounts?(record: RedriveRecord): void;
  /** Called when the run was interrupted, so that another run can continue. The record then stays open. */
  onInterrupted?(progress: Progress): Promise<void>;
}

const RECORD_MILLISECONDS = 2000;

/**
 * Moves dead letters to the retry queue: a canary first, then the rest at the requested rate. Ends when all are
 * moved, too many fail again, the redrive is canceled, or `stop` is aborted. Messages not moved stay in the
 * dead-letter queue.
 * @returns the record, as stored in the failure bucket
 * @throws the SDK's error if the pipeline cannot be reached or refuses; the record's state is then `failed`
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

/** Runs a redrive that already has a record, and continues its counts. */
export async function runOpened(
  ops: OpsContext,
  { record, kept }: { record: RedriveRecord; kept: OpenRecord },
  request: MoveRequest,
  stop: AbortSignal,
  hooks: RedriveHooks = {},
): Promise<RedriveRecord> {
  const counts = { ...record.counts };
  const onFollowed = (followed: Followed) => hooks.onFollowed?.(followed);
  const redrive = beginRedrive(ops, record.id, request, stop, counts, onFollowed);
  if (record.cancelRequested) cancel(redrive);
  const keeping = keepRecord(kept, redrive, () => hooks.onCounts?.({ ...record, counts }));
  let end: RedriveEnd;
  try {
    end = await runSteps(redrive);
    if (end.state === 'interrupted' && hooks.onInterrupted !== undefined) {
      await keeping.stop();
      // The counts must be stored before the next run starts.
      await kept.update({ counts: { ...counts } });
      await hooks.onInterrupted(progressOf(redrive));
      return { ...record, counts };
    }
  } catch (error) {
    await keeping.stop();
    await kept.update({
      state: 'failed',
      reason: messageOf(error),
      counts: { ...counts },
    });
    throw error;
  }
  await keeping.stop();
  const change = { ...end, counts: { ...counts } };
  await kept.update(change);
  return { ...record, ...change };
}

/** Runs the steps. A step does nothing if an earlier run completed it or the redrive was stopped. */
async function runSteps(redrive: Redrive): Promise<RedriveEnd> {
  await moveCanary(redrive);
  await moveRest(redrive);
  await followRest(redrive);
  return redrive.stop.end({ refused: totalRefused(redrive), unseen: redrive.unseen });
}

/** Updates the record regularly, and stops the redrive if the record says that it was canceled. */
function keepRecord(kept: OpenRecord, redrive: Redrive, onWritten: () => void): { stop(): Promise<void> } {
  const stopped = new AbortController();
  const running = (async () => {
    for (;;) {
      await timeOf(redrive.ops).wait(RECORD_MILLISECONDS, stopped.signal);
      if (stopped.signal.aborted) return;
      if (await kept.update({ counts: { ...redrive.counts } })) cancel(redrive);
      onWritten();
    }
  })();
  const heard = running.catch((error: unknown) =>
    redrive.stop.because('failed', `its record could not be kept: ${String(error)}`),
  );
  return {
    async stop() {
      stopped.abort();
      await heard;
    },
  };
}

function cancel({ stop }: Redrive): void {
  stop.because('cancelled', 'cancelled on request');
}
