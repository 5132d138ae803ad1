import { timeOf, type OpsContext } from '../context.ts';
import { queueState } from '../dead-letters/queue-state.ts';
import type { Followed, Follower } from './follow.ts';

const LOOK_MILLISECONDS = 500;
/** When no report has come for so long, the dead-letter queue may know more. */
const LOOK_INTO_QUEUE_MILLISECONDS = 5000;
/** How long the queues have nothing left to do, by at least two looks. SQS's counts may be a minute old. */
const QUIET_MILLISECONDS = 75_000;

/**
 * Polls until nothing is pending; looks into the dead-letter queue when nothing came for a while. Ends as well when
 * nothing is left that could bring an end: somebody else has taken the message, say. Then some stay pending.
 */
export async function untilAllEnded(
  ops: OpsContext,
  follower: Follower,
  take: (ends: Followed[]) => void,
  stop: AbortSignal,
): Promise<void> {
  const time = timeOf(ops);
  let lastEnd = time.now();
  let quietSince: number | undefined;
  let quiet = 0;
  while (follower.pending() > 0 && quiet < QUIET_MILLISECONDS && !stop.aborted) {
    let ends = await follower.poll();
    if (ends.length === 0 && time.now() - lastEnd > LOOK_INTO_QUEUE_MILLISECONDS) {
      ends = await follower.lookIntoQueue(stop);
      quietSince = ends.length === 0 && (await isQuiet(ops)) ? (quietSince ?? time.now()) : undefined;
      quiet = quietSince === undefined ? 0 : time.now() - quietSince;
      lastEnd = time.now();
    }
    if (ends.length > 0) lastEnd = time.now();
    take(ends);
    if (follower.pending() > 0) await time.wait(LOOK_MILLISECONDS, stop);
  }
  take([]);
}

async function isQuiet(ops: OpsContext): Promise<boolean> {
  const { conversionQueueUrl, retryQueueUrl } = ops.deployment;
  const states = await Promise.all([conversionQueueUrl, retryQueueUrl].map((url) => queueState(ops, url)));
  return states.every(({ visible, inFlight, delayed }) => visible + inFlight + delayed === 0);
}
