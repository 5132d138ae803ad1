import type { ConversionLimits } from './conversion.ts';
import { SETTINGS } from './settings.ts';

/** The worker's timing, derived from the recipe's limits. In seconds, except for the batch size. */
export interface Timing {
  /** How long reading one source may take. */
  readSeconds: number;
  functionTimeoutSeconds: number;
  visibilityTimeoutSeconds: number;
  /** Maximum number of messages that one invocation receives from the conversion queue. */
  batchSize: number;
  /** Seconds that must be left when a conversion starts, to convert and to settle its message. */
  beginSeconds: number;
  /** How long a message stays in the queues if its process dies in every attempt. */
  longestStaySeconds: number;
}

/** Messages in one request. https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html */
export const LARGEST_BATCH = 10;
/** Time to store the results of a conversion that used its full time limit, and to settle its message. */
const STORING_SECONDS = 5;
/** Time to check results, wait for responses and settle: everything except reading and converting. */
const OVERHEAD_SECONDS = 20;
const SHORTEST_READ_SECONDS = 40;
/** A source that arrives more slowly counts as stalled. Lambda reads from S3 ten times as fast. */
const SLOWEST_BYTES_PER_SECOND = 10_000_000;
/** Remaining time when the worker responds without waiting for its work, for the response to reach Lambda. */
export const RESPONSE_SECONDS = 2;
/** AWS asks for at least six, so that throttled batches are not received twice. */
const TIMEOUTS_A_VISIBILITY = 6;
/** The conversions of a batch, each at its limit, take at most five minutes of one core. */
const LONGEST_BATCH_SECONDS = 300;

/**
 * Derives the worker's timing from the recipe's limits. An invocation has time to read the largest source and then to
 * run two conversions at their limit, one after the other: the first conversion of a fresh invocation always begins.
 */
export function timingOf({ seconds, bytes }: ConversionLimits): Timing {
  const readSeconds = Math.max(SHORTEST_READ_SECONDS, Math.ceil(bytes / SLOWEST_BYTES_PER_SECOND));
  const functionTimeoutSeconds = OVERHEAD_SECONDS + readSeconds + 2 * seconds;
  const visibilityTimeoutSeconds = TIMEOUTS_A_VISIBILITY * functionTimeoutSeconds;
  return {
    readSeconds,
    functionTimeoutSeconds,
    visibilityTimeoutSeconds,
    batchSize: Math.min(LARGEST_BATCH, Math.max(1, Math.floor(LONGEST_BATCH_SECONDS / seconds))),
    beginSeconds: seconds + STORING_SECONDS,
    longestStaySeconds: SETTINGS.maxReceiveCount * visibilityTimeoutSeconds,
  };
}

/**
 * Returns the seconds after which an attempt that has begun, and every attempt that could follow it, must be over: the
 * function's timeout, then one visibility timeout for each remaining receive.
 */
export function longestAttemptSeconds(
  attempt: number,
  timing: Pick<Timing, 'functionTimeoutSeconds'>,
): number {
  const receivesLeft = Math.max(0, SETTINGS.maxReceiveCount - attempt);
  return timing.functionTimeoutSeconds * (1 + receivesLeft * TIMEOUTS_A_VISIBILITY);
}
