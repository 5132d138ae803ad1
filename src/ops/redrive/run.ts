import type { RedriveRecord } from '../../core/redrive-record.ts';
import { timeOf, type OpsContext } from '../context.ts';
import type { Followed } from './follow.ts';
import { followRest, moveCanary, moveRest } from './move.ts';
import { newRecord, openRecord, type OpenRecord } from './record.ts';
import {
  beginRedrive,
  progressOf,
  refusedInAll,
  type MoveRequest,
  type Progress,
  type Redrive,
} from './redrive.ts';
import type { RedriveEnd } from './stop.ts';

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

const RECORD_MILLISECONDS = 2000;

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
  const redrive = beginRedrive(ops, record.id, request, stop, counts, onFollowed);
  if (record.cancelRequested) cancel(redrive);
  const keeping = keepRecord(kept, redrive, () => hooks.onCounts?.({ ...record, counts }));
  let end: RedriveEnd;
  try {
    end = await runSteps(redrive);
    if (end.state === 'interrupted' && hooks.onInterrupted !== undefined) {
      await keeping.stop();
      // Before others are told to go on from here.
      await kept.update({ counts: { ...counts } });
      await hooks.onInterrupted(progressOf(redrive));
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

/** A step does nothing if an earlier run is through with it, or if the redrive was stopped. */
async function runSteps(redrive: Redrive): Promise<RedriveEnd> {
  await moveCanary(redrive);
  await moveRest(redrive);
  await followRest(redrive);
  return redrive.stop.end({ refused: refusedInAll(redrive), unseen: redrive.unseen });
}

/** Writes the record now and then, and hears there whether somebody cancels. */
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
  stop.because('cancelled', 'somebody cancelled it');
}
