import type { OpsContext } from '../../src/ops/context.ts';
import type { DeadLetter } from '../../src/ops/dead-letters/dead-letter.ts';
import { listDeadLetters } from '../../src/ops/dead-letters/list.ts';
import { letterOf, sendAll } from './ops.ts';

export const KEYS = Array.from({ length: 95 }, (_, index) => `photos/${index}.jpg`);

/** Sends a dead letter for each of `KEYS`, the first 60 as `image.corrupt`, and a message that is not a notification. */
export function sendLetters(ops: OpsContext): Promise<void> {
  return sendAll(ops, ops.deployment.deadLetterQueueUrl, [
    ...KEYS.map((key, index) => letterOf(key, index < 60 ? 'image.corrupt' : 'process.died')),
    { MessageBody: 'junk' },
  ]);
}

export async function listed(ops: OpsContext): Promise<DeadLetter[]> {
  const letters: DeadLetter[] = [];
  for await (const letter of listDeadLetters(ops)) letters.push(letter);
  return letters;
}

export const keysOf = (letters: Pick<DeadLetter, 'objects'>[]) =>
  letters.flatMap(({ objects }) => objects.map(({ key }) => key)).toSorted();
