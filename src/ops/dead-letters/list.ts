import pLimit from 'p-limit';
import type { DeadLetterContext } from '../context.ts';
import { withReason, type DeadLetter } from './dead-letter.ts';
import { readDeadLetters, type Polling } from './reader.ts';

const RECEIVES_AT_ONCE = 4;
const REASONS_AT_ONCE = 16;

/**
 * Lists the dead letters with their reasons, each once, in no particular order. They stay in the queue and are visible
 * again when the listing ends.
 * @param stop ends the listing early, even while it waits for messages that other readers hide
 * @throws the SDK's error if SQS or S3 cannot be reached or refuses
 */
export async function* listDeadLetters(
  ops: DeadLetterContext,
  polls?: Polling,
  stop?: AbortSignal,
): AsyncGenerator<DeadLetter> {
  const reader = readDeadLetters(ops.sqs, ops.deployment.deadLetterQueueUrl, polls, stop);
  const limit = pLimit(REASONS_AT_ONCE);
  try {
    for (;;) {
      const pages = await allOf(Array.from({ length: RECEIVES_AT_ONCE }, () => reader.next()));
      const received = pages.flatMap((page) => page ?? []);
      yield* await limit.map(received, (each) => withReason(each, ops));
      if (pages.includes(undefined)) return;
    }
  } finally {
    await reader.release();
  }
}

/** Rejects only after all have ended, because messages that they received must be released. */
async function allOf<T>(running: Promise<T>[]): Promise<T[]> {
  await Promise.allSettled(running);
  return Promise.all(running);
}
