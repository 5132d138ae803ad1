import { timeOf, type DeadLetterContext } from '../ops/context.ts';
import type { DeadLetter } from '../ops/dead-letters/dead-letter.ts';
import { matches, type Filter } from '../ops/dead-letters/filter.ts';
import { listDeadLetters } from '../ops/dead-letters/list.ts';
import { queueState } from '../ops/dead-letters/queue-state.ts';

/** A bounded listing of the dead-letter queue, for requests that need a quick response. */
export interface DeadLetterScan {
  /** Those that the filter chooses. */
  letters: AsyncIterable<DeadLetter>;
  /** Seconds for which the queue keeps a message. */
  retentionSeconds: number;
  /** Whether all there are were seen: known when the letters have ended. */
  complete(): boolean;
}

export interface ScanLimits {
  /** Letters read, whether the filter chooses them or not. */
  letters: number;
  /** None is read later than that. */
  seconds: number;
}

/** Messages that another reader has just received are hidden, so the listing may be incomplete. */
export async function scanDeadLetters(
  ops: DeadLetterContext,
  filter: Filter,
  bounds: ScanLimits,
): Promise<DeadLetterScan> {
  const { visible, inFlight, retentionSeconds } = await queueState(ops, ops.deployment.deadLetterQueueUrl);
  const time = timeOf(ops);
  const deadline = time.now() + bounds.seconds * 1000;
  let read = 0;
  let ended = false;
  async function* letters() {
    for await (const letter of listDeadLetters(ops, 'short')) {
      if (read === bounds.letters || time.now() > deadline) return;
      read += 1;
      if (matches(letter, filter)) yield letter;
    }
    ended = true;
  }
  return { letters: letters(), retentionSeconds, complete: () => ended && read >= visible + inFlight };
}
