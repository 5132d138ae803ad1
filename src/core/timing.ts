import type { Limits } from './recipe.ts';
import { SETTINGS } from './settings.ts';

/** What the recipe's limits decide about the worker's time. Seconds, but for the size of a batch. */
export interface Timing {
  /** How long reading one source may take. */
  readSeconds: number;
  functionTimeoutSeconds: number;
  visibilityTimeoutSeconds: number;
  /** Messages of the conversion queue that one invocation receives at most. */
  batchSize: number;
  /** What must be left of an invocation when a conversion begins: for the conversion, and to settle its message. */
  beginSeconds: number;
  /** How long a message stays in the queues if its process dies in every attempt. */
  longestStaySeconds: number;
}

/** What one request takes of a queue. https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html */
export const LARGEST_BATCH = 10;
/** To store the results of a conversion that used all its seconds, and to settle its message. */
const SETTLING_SECONDS = 5;
/** To look at results, to wait for answers, to settle: everything but reading and converting. */
const OVERHEAD_SECONDS = 20;
const SHORTEST_READ_SECONDS = 40;
/** A source that comes more slowly than this is as good as stalled: Lambda reads ten times as fast from S3. */
const SLOWEST_BYTES_PER_SECOND = 10_000_000;
/** AWS asks for six, so that throttled batches are not received twice. */
const TIMEOUTS_A_VISIBILITY = 6;
/** The conversions of a batch, each at its limit, fit into five minutes of one core. */
const LONGEST_BATCH_SECONDS = 300;

/**
 * Derives the worker's time from the recipe's limits. An invocation has time to read the largest source and then
 * for two conversions at their limit, one after the other: what comes first into a fresh invocation always begins.
 */
export function timingOf({ seconds, bytes }: Pick<Limits, 'seconds' | 'bytes'>): Timing {
  const readSeconds = Math.max(SHORTEST_READ_SECONDS, Math.ceil(bytes / SLOWEST_BYTES_PER_SECOND));
  const functionTimeoutSeconds = OVERHEAD_SECONDS + readSeconds + 2 * seconds;
  const visibilityTimeoutSeconds = TIMEOUTS_A_VISIBILITY * functionTimeoutSeconds;
  return {
    readSeconds,
    functionTimeoutSeconds,
    visibilityTimeoutSeconds,
    batchSize: Math.min(LARGEST_BATCH, Math.max(1, Math.floor(LONGEST_BATCH_SECONDS / seconds))),
    beginSeconds: seconds + SETTLING_SECONDS,
    longestStaySeconds: SETTINGS.maxReceiveCount * visibilityTimeoutSeconds,
  };
}

/**
 * Returns the seconds after which an attempt that has begun must be over, and with it all that could follow it: the
 * function's timeout, then a visibility timeout for each receive that is left.
 */
export function longestAttemptSeconds(
  attempt: number,
  timing: Pick<Timing, 'functionTimeoutSeconds'>,
): number {
  const receivesLeft = Math.max(0, SETTINGS.maxReceiveCount - attempt);
  return timing.functionTimeoutSeconds * (1 + receivesLeft * TIMEOUTS_A_VISIBILITY);
}
