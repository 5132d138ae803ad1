import { timeOf, type OpsContext } from '../context.ts';
import { queueState } from '../dead-letters/queue-state.ts';
import type { Followed, Follower } from './follow.ts';

const LOOK_MILLISECONDS = 500;
/** When no report has come for so long, the dead-letter queue may know more. */
const LOOK_INTO_QUEUE_MILLISECONDS = 5000;
/** Looks in a row at queues without anything left to do. SQS's counts may be a minute old. */
const QUIET_LOOKS = 15;

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
  let quietLooks = 0;
  while (follower.pending() > 0 && quietLooks < QUIET_LOOKS && !stop.aborted) {
    let ends = await follower.poll();
    if (ends.length === 0 && time.now() - lastEnd > LOOK_INTO_QUEUE_MILLISECONDS) {
      ends = await follower.lookIntoQueue(stop);
      quietLooks = ends.length === 0 && (await isQuiet(ops)) ? quietLooks + 1 : 0;
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
