import type { OpsContext } from '../context.ts';
import { filterOfRequest } from '../dead-letters/filter.ts';
import { readProgress, writeProgress, type Progress } from './progress.ts';
import { newRecord, type RedriveRecord } from './record.ts';
import { openRecord, takeRecordOn, type OpenRecord } from './record-store.ts';
import { runOpened, type RedriveHooks } from './run.ts';
import { fromQueue } from './source.ts';

/** A redrive that somebody else is to run: its record says what to do. */
export interface RedriveJob {
  id: string;
  /** Which run of it this is, from 0. */
  run: number;
}

/** What it is to do, as its record keeps it. */
export type RedriveOrder = NonNullable<RedriveRecord['request']>;

/** Objects that have no end an hour after all was moved stay pending. Seconds. */
const FOLLOW_SECONDS = 3600;
/** One that never ends, because others keep failing meanwhile, is no help. */
const LONGEST_MILLISECONDS = 24 * 3_600_000;

/**
 * Writes the record of a redrive, and lets somebody else run it.
 * @throws what `start` throws; the record then says `failed`
 */
export async function startJob(
  ops: Pick<OpsContext, 's3' | 'deployment'>,
  request: RedriveOrder,
  about: Pick<RedriveRecord, 'who' | 'why' | 'what'>,
  start: (job: RedriveJob) => Promise<void>,
): Promise<RedriveRecord> {
  const record = newRecord({ ...about, request, runs: 0 });
  const kept = await openRecord(ops, record);
  try {
    await start({ id: record.id, run: 0 });
  } catch (error) {
    await kept.update({ state: 'failed', reason: `it could not be started: ${String(error)}` });
    throw error;
  }
  return record;
}

/**
 * Runs a redrive until it ends or is interrupted. A job that somebody else has taken on is left alone.
 * @param startNext lets the redrive go on in another run after an interruption; without it that is its end
 * @throws the SDK's error; the record then says `failed`
 */
export async function runJob(
  ops: OpsContext,
  { id, run }: RedriveJob,
  interrupted: AbortSignal,
  startNext?: (job: RedriveJob) => Promise<void>,
): Promise<void> {
  const taken = await takeRecordOn(ops, id, run);
  if (taken?.record.request === undefined) return;
  const { canary, rate, stopIfFailing, filter } = taken.record.request;
  const request = {
    source: fromQueue(ops, filterOfRequest(filter)),
    ...(canary === undefined ? {} : { canary }),
    ...(rate === undefined ? {} : { rate }),
    stopIfFailing,
    wait: true,
    timeout: FOLLOW_SECONDS,
    ...(await progressBefore(ops, { id, run }, taken.kept)),
  };
  const next = { id, run: run + 1 };
  const isOld = Date.now() - Date.parse(taken.record.startedAt) > LONGEST_MILLISECONDS;
  const hooks: RedriveHooks = {
    async onInterrupted(progress) {
      await writeProgress(ops, id, next.run, progress);
      await startNext?.(next);
    },
  };
  await runOpened(ops, taken, request, interrupted, startNext === undefined || isOld ? {} : hooks);
}

async function progressBefore(
  ops: OpsContext,
  { id, run }: RedriveJob,
  kept: OpenRecord,
): Promise<{ before?: Progress }> {
  if (run === 0) return {};
  try {
    return { before: await readProgress(ops, id, run) };
  } catch (error) {
    await kept.update({ state: 'failed', reason: `where it stood could not be read: ${String(error)}` });
    throw error;
  }
}
