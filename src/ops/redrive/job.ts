import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import * as z from 'zod';
import { defined } from '../../core/defined.ts';
import { PROGRESS_PREFIX } from '../../core/reserved-prefixes.ts';
import type { RedriveRecord } from '../../core/redrive-record.ts';
import type { OpsContext } from '../context.ts';
import { filterOfRequest } from '../dead-letters/filter.ts';
import { fromQueue } from './choose.ts';
import { newRecord, openRecord, takeRecordOn, type OpenRecord, type RedriveStore } from './record.ts';
import type { Progress } from './redrive.ts';
import { runOpened, type RedriveHooks } from './run.ts';

/** A redrive to be run by another process. Its record contains the request. */
export interface RedriveJob {
  id: string;
  /** The number of the run, from 0. */
  run: number;
}

/** The request, as stored in the record. */
export type RedriveOrder = NonNullable<RedriveRecord['request']>;

/** Seconds to wait for outcomes after all messages are moved. Objects without an outcome then stay pending. */
const FOLLOW_SECONDS = 3600;
/** Ends redrives that would otherwise continue forever because new messages keep failing. */
const LONGEST_MILLISECONDS = 24 * 3_600_000;

const progressSchema = z.object({
  canaryOver: z.boolean(),
  canaryMovedAt: z.string().optional(),
  movedAt: z.string().optional(),
  refused: z.int().optional(),
  unseen: z.int().optional(),
  following: z.array(
    z.object({ key: z.string(), bucket: z.string().optional(), newIds: z.array(z.string()) }),
  ),
}) satisfies z.ZodType<Progress>;

/**
 * Stores the record of a redrive, and starts it in another process.
 * @throws what `start` throws; the record's state is then `failed`
 */
export async function startJob(
  store: RedriveStore,
  request: RedriveOrder,
  about: Pick<RedriveRecord, 'who' | 'why' | 'what'>,
  start: (job: RedriveJob) => Promise<void>,
): Promise<RedriveRecord> {
  const record = newRecord({ ...about, request, runs: 0 });
  const kept = await openRecord(store, record);
  try {
    await start({ id: record.id, run: 0 });
  } catch (error) {
    await kept.update({ state: 'failed', reason: `could not start: ${String(error)}` });
    throw error;
  }
  return record;
}

/**
 * Runs a redrive until it ends or is interrupted. Does nothing if another process has started the same run.
 * @param startNext starts the next run after an interruption; without it, an interruption ends the redrive
 * @throws the SDK's error; the record's state is then `failed`
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
  const before = run === 0 ? undefined : await progressBefore(ops, { id, run }, taken.kept);
  const request = {
    source: fromQueue(ops, filterOfRequest(filter)),
    stopIfFailing,
    wait: true,
    timeout: FOLLOW_SECONDS,
    ...defined({ canary, rate, before }),
  };
  const next = { id, run: run + 1 };
  const isOld = Date.now() - Date.parse(taken.record.startedAt) > LONGEST_MILLISECONDS;
  const continued: RedriveHooks =
    startNext === undefined || isOld
      ? {}
      : {
          async onInterrupted(progress) {
            await writeProgress(ops, next, progress);
            await startNext(next);
          },
        };
  await runOpened(ops, taken, request, interrupted, continued);
}

async function progressBefore(store: RedriveStore, job: RedriveJob, kept: OpenRecord): Promise<Progress> {
  try {
    return await readProgress(store, job);
  } catch (error) {
    await kept.update({
      state: 'failed',
      reason: `could not read the progress of the previous run: ${String(error)}`,
    });
    throw error;
  }
}

/** Stores the progress outside the record, because it may contain a hundred thousand objects. */
async function writeProgress(
  { s3, deployment }: RedriveStore,
  next: RedriveJob,
  progress: Progress,
): Promise<void> {
  await s3.send(
    new PutObjectCommand({
      Bucket: deployment.failureBucket,
      Key: progressKey(next),
      Body: JSON.stringify(progress),
      ContentType: 'application/json',
    }),
  );
}

async function readProgress({ s3, deployment }: RedriveStore, job: RedriveJob): Promise<Progress> {
  const { Body } = await s3.send(
    new GetObjectCommand({ Bucket: deployment.failureBucket, Key: progressKey(job) }),
  );
  return progressSchema.parse(JSON.parse((await Body?.transformToString()) ?? ''));
}

/** @param job the run that continues from this progress */
function progressKey({ id, run }: RedriveJob): string {
  return `${PROGRESS_PREFIX}${id}/${run}.json`;
}
