import {
  ChangeMessageVisibilityBatchCommand,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import pLimit from 'p-limit';
import { readMessage, type Received } from './dead-letter.ts';
import { queueState } from './queue-state.ts';

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
  /** How many messages others still hid when this reader gave up waiting for them. */
  readonly unseen: number;
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
/** For what others hide to show again, and for SQS's counts, which may be a minute old, to tell. */
const PATIENCE_MILLISECONDS = (HIDDEN_SECONDS + 60) * 1000;
/** Empty answers in a row that end a reading by short polls. */
const EMPTY_SHORT_POLLS = 5;
const RELEASES_AT_ONCE = 8;

/** @param stop nothing more is received once it is aborted */
export function readDeadLetters(
  sqs: SQSClient,
  QueueUrl: string,
  polls: Polls = 'long',
  stop?: AbortSignal,
): DeadLetterReader {
  /** Lanes that found nothing wait in turn: one of them asks for all. */
  const waiting = pLimit(1);
  const met = new Map<string, { receiptHandle: string; receives: number; at: number; gone: boolean }>();
  let knownInARow = 0;
  let emptyInARow = 0;
  let waitingSince: number | undefined;
  let over = false;
  let unseen = 0;

  async function next(most = 10): Promise<Received[] | undefined> {
    const found = await look(most);
    return found === 'nothing' ? waiting(() => wait(most)) : found;
  }

  async function wait(most: number): Promise<Received[] | undefined> {
    for (;;) {
      over ||=
        stop?.aborted === true || (polls === 'long' ? await isOver() : emptyInARow >= EMPTY_SHORT_POLLS);
      if (over) return undefined;
      const found = await look(most);
      if (found !== 'nothing') return found;
    }
  }

  async function look(most: number): Promise<Received[] | 'nothing' | undefined> {
    for (;;) {
      if (stop?.aborted) return undefined;
      const received = await receive(most);
      if (received.length === 0) {
        emptyInARow += 1;
        return 'nothing';
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

  /**
   * Nothing came. Returns whether nothing is left but what this reader hides. What others hide, another listing or one
   * that was killed, shows again; it may have done so since the empty answer.
   */
  async function isOver(): Promise<boolean> {
    const now = Date.now();
    waitingSince ??= now;
    const { visible, inFlight } = await queueState({ sqs }, QueueUrl);
    const own = [...met.values()].filter(({ gone, at }) => !gone && now - at < HIDDEN_SECONDS * 1000);
    const left = visible + Math.max(0, inFlight - own.length);
    if (left > 0 && now - waitingSince <= PATIENCE_MILLISECONDS) return false;
    unseen = left;
    return true;
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
    get unseen() {
      return unseen;
    },
    receiptOf: (id) => met.get(id)?.receiptHandle ?? '',
    gone(id) {
      const message = met.get(id);
      if (message !== undefined) message.gone = true;
    },
  };
}
