import type { Context } from 'aws-lambda';
import * as z from 'zod';
import { timeOf, type OpsContext } from '../ops/context.ts';
import { runJob, type RedriveJob } from '../ops/redrive/job.ts';

const jobSchema = z.object({ id: z.string().min(1), run: z.int().min(0) });

/** Milliseconds to finish the current messages, write the record and start the next run. */
const HAND_ON_MILLISECONDS = 60_000;

/**
 * Runs redrives in a function with a time limit: shortly before the limit, starts the next run, which continues.
 * @throws Error if the event is not a job; the SDK's error, which is also in the redrive's record
 */
export function createRunner(ops: OpsContext, startNext: (job: RedriveJob) => Promise<void>) {
  return async (event: unknown, context: Pick<Context, 'getRemainingTimeInMillis'>): Promise<void> => {
    const job = jobSchema.parse(event);
    const milliseconds = Math.max(0, context.getRemainingTimeInMillis() - HAND_ON_MILLISECONDS);
    await runJob(ops, job, timeOf(ops).limit(milliseconds), startNext);
  };
}
