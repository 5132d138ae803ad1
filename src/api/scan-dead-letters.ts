import { timeOf, type DeadLetterContext } from '../ops/context.ts';
import type { DeadLetter } from '../ops/dead-letters/dead-letter.ts';
import { matches, type Filter } from '../ops/dead-letters/filter.ts';
import { listDeadLetters } from '../ops/dead-letters/list.ts';
import { queueState } from '../ops/dead-letters/queue-state.ts';

/** A bounded listing of the dead-letter queue, for requests that need a quick response. */
export interface DeadLetterScan {
  /** The dead letters that match the filter. */
  letters: AsyncIterable<DeadLetter>;
  /** The queue's retention period in seconds. */
  retentionSeconds: number;
  /** Whether all dead letters were read. Known at the end of `letters`. */
  complete(): boolean;
}

export interface ScanLimits {
  /** Maximum number of dead letters to read, matching or not. */
  letters: number;
  /** Time limit for reading. */
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
