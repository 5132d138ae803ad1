import {
  ChangeMessageVisibilityBatchCommand,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import pLimit from 'p-limit';
import { readMessage, type Received } from './dead-letter.ts';

/**
 * Reads the dead-letter queue without disturbing it: SQS has no way to look at a message but to receive it, so each
 * is hidden for a short time and shown again at the end. Whoever is killed in between leaves nothing hidden longer
 * than `HIDDEN_SECONDS`. The queue has no redrive policy, so the receives that this adds mean nothing.
 */
export interface DeadLetterReader {
  /**
   * Messages that this reader did not meet before, so many at most; undefined when there are no others.
   * May be called by several lanes at once.
   */
  next(most?: number): Promise<Received[] | undefined>;
  /** Takes a message that was deleted off the list of those to show again. */
  gone(id: string): void;
  /** Shows again what was received. */
  release(): Promise<void>;
}

/**
 * How the queue is asked. `long`: SQS asks all its servers, and waits up to a second for a message. `short`: it
 * answers at once, after asking some of them, so that only several empty answers in a row mean the end; for whoever
 * is waited for.
 */
export type Polls = 'long' | 'short';

/** Long enough to settle ten messages at leisure. A message that comes round again meanwhile is known by its id. */
const HIDDEN_SECONDS = 30;
/** In a queue that is longer than what is read in that time, known messages come between the new ones. */
const KNOWN_PAGES_IN_A_ROW = 20;
/** Empty answers in a row that end a reading. */
const EMPTY_ANSWERS = { long: 1, short: 5 } as const satisfies Record<Polls, number>;
const RELEASES_AT_ONCE = 8;

export function readDeadLetters(sqs: SQSClient, QueueUrl: string, polls: Polls = 'long'): DeadLetterReader {
  const handles = new Map<string, string | undefined>();
  let knownInARow = 0;
  let emptyInARow = 0;

  async function next(most = 10): Promise<Received[] | undefined> {
    while (knownInARow < KNOWN_PAGES_IN_A_ROW) {
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({
          QueueUrl,
          MaxNumberOfMessages: most,
          VisibilityTimeout: HIDDEN_SECONDS,
          WaitTimeSeconds: polls === 'long' ? 1 : 0,
          MessageAttributeNames: ['All'],
          MessageSystemAttributeNames: ['All'],
        }),
      );
      emptyInARow = Messages.length === 0 ? emptyInARow + 1 : 0;
      if (emptyInARow >= EMPTY_ANSWERS[polls]) return undefined;
      if (Messages.length === 0) continue;
      const received = Messages.map(readMessage);
      const fresh = received.filter(({ id }) => !handles.has(id));
      for (const { id, receiptHandle } of received) handles.set(id, receiptHandle);
      if (fresh.length > 0) {
        knownInARow = 0;
        return fresh;
      }
      knownInARow += 1;
    }
    return undefined;
  }

  async function release(): Promise<void> {
    const entries = [...handles.values()].filter((handle) => handle !== undefined);
    handles.clear();
    const limit = pLimit(RELEASES_AT_ONCE);
    const parts = Array.from({ length: Math.ceil(entries.length / 10) }, (_, part) =>
      entries.slice(10 * part, 10 * part + 10),
    );
    await limit.map(parts, (part) =>
      sqs.send(
        new ChangeMessageVisibilityBatchCommand({
          QueueUrl,
          Entries: part.map((ReceiptHandle, index) => ({
            Id: String(index),
            ReceiptHandle,
            VisibilityTimeout: 0,
          })),
        }),
      ),
    );
  }

  return { next, release, gone: (id) => void handles.set(id, undefined) };
}
