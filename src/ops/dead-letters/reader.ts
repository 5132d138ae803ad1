import {
  ChangeMessageVisibilityBatchCommand,
  GetQueueAttributesCommand,
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
   * Messages that this reader did not meet before, and those that came back although they were deleted, so many at
   * most; undefined when there are no others. May be called by several lanes at once.
   */
  next(most?: number): Promise<Received[] | undefined>;
  /** The receipt of the latest receive that this reader knows of: with an older one SQS deletes nothing. */
  receiptOf(id: string): string;
  /** Takes a message that was deleted off the list of those to show again. */
  gone(id: string): void;
  /** Shows again what was received. */
  release(): Promise<void>;
}

/**
 * How the queue is asked. `long`: SQS asks all its servers, and waits up to a second for a message; what somebody
 * else has received is waited for. `short`: it answers at once, after asking some of them, so that only several empty
 * answers in a row mean the end; for whoever is waited for.
 */
export type Polls = 'long' | 'short';

/** Long enough to settle ten messages at leisure. A message that comes round again meanwhile is known by its id. */
const HIDDEN_SECONDS = 30;
/** Empty answers in a row that end a reading by short polls. */
const EMPTY_SHORT_POLLS = 5;
const RELEASES_AT_ONCE = 8;

export function readDeadLetters(sqs: SQSClient, QueueUrl: string, polls: Polls = 'long'): DeadLetterReader {
  const met = new Map<string, { receiptHandle: string; receives: number; at: number; gone: boolean }>();
  let knownInARow = 0;
  let emptyInARow = 0;
  let waitingSince: number | undefined;

  async function next(most = 10): Promise<Received[] | undefined> {
    for (;;) {
      const received = await receive(most);
      if (received.length === 0) {
        emptyInARow += 1;
        if (polls === 'long' ? await isOver() : emptyInARow >= EMPTY_SHORT_POLLS) return undefined;
        continue;
      }
      emptyInARow = 0;
      // Answers to several lanes may overtake each other.
      const latest = received.filter(({ id, receives }) => !(receives < (met.get(id)?.receives ?? 0)));
      const fresh = latest.filter(({ id }) => met.get(id)?.gone !== false);
      for (const { id, receiptHandle, receives } of latest)
        met.set(id, { receiptHandle, receives, at: Date.now(), gone: false });
      if (fresh.length > 0) {
        knownInARow = 0;
        return fresh;
      }
      // In a long queue, those that come round again stand between the new ones, in no order. So many, and none that
      // is new: the chance that there is one left is below one in ten thousand.
      knownInARow += received.length;
      if (knownInARow > 10 * met.size + 100) return undefined;
    }
  }

  async function receive(most: number): Promise<Received[]> {
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
    return Messages.map(readMessage);
  }

  /** Nothing came. What others hide, another listing or one that was killed, shows again within that time. */
  async function isOver(): Promise<boolean> {
    const now = Date.now();
    waitingSince ??= now;
    if (now - waitingSince > HIDDEN_SECONDS * 1000) return true;
    const { Attributes } = await sqs.send(
      new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['ApproximateNumberOfMessagesNotVisible'] }),
    );
    const own = [...met.values()].filter(({ gone, at }) => !gone && now - at < HIDDEN_SECONDS * 1000);
    return Number(Attributes?.ApproximateNumberOfMessagesNotVisible) <= own.length;
  }

  async function release(): Promise<void> {
    const handles = [...met.values()].filter(({ gone }) => !gone).map(({ receiptHandle }) => receiptHandle);
    met.clear();
    const limit = pLimit(RELEASES_AT_ONCE);
    const parts = Array.from({ length: Math.ceil(handles.length / 10) }, (_, part) =>
      handles.slice(10 * part, 10 * part + 10),
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

  return {
    next,
    release,
    receiptOf: (id) => met.get(id)?.receiptHandle ?? '',
    gone(id) {
      const message = met.get(id);
      if (message !== undefined) message.gone = true;
    },
  };
}
