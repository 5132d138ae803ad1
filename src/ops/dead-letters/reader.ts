import {
  ChangeMessageVisibilityBatchCommand,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import pLimit from 'p-limit';
import { readMessage, type Received } from './dead-letter.ts';
import { queueState } from './queue-state.ts';

/**
 * Reads the dead-letter queue and leaves its messages there. Reading a message in SQS means receiving it, which hides
 * it; the reader hides messages for `HIDDEN_SECONDS` at most and makes them visible again at the end. The additional
 * receives have no effect, because the queue has no redrive policy.
 */
export interface DeadLetterReader {
  /**
   * Returns up to `max` messages that this reader has not returned before, or that were received again although they
   * were deleted; undefined if there are no more. Concurrent calls are allowed.
   */
  next(max?: number): Promise<Received[] | undefined>;
  /** Returns the latest receipt handle of a message. With an older one, SQS deletes nothing. */
  receiptOf(id: string): string;
  /**
   * Deletes messages by `run`. While it waits for messages that others hide, the reader does not end before `run` does:
   * a message that it still counts and SQS no longer does would stand for one that another reader hides.
   */
  deleting<T>(run: () => Promise<T>): Promise<T>;
  /** Marks a message as deleted, so that `release` does not make it visible. Call within `deleting`. */
  markDeleted(id: string): void;
  /** How many messages other readers still hid when this reader stopped waiting for them. */
  readonly unseen: number;
  /** Makes the received messages visible again. */
  release(): Promise<void>;
}

/**
 * How to receive messages. `long`: long polling. SQS queries all its servers and waits up to a second for a message,
 * and the reader waits for messages that others have received. `short`: short polling, for responses that must be
 * quick. SQS queries a subset of its servers, so the reader stops after several empty responses in a row.
 */
export type Polling = 'long' | 'short';

/**
 * Leaves ample time to handle ten messages. A message that is received again in the meantime is recognized by its id.
 */
const HIDDEN_SECONDS = 30;
/**
 * The time until messages hidden by others are visible, and SQS's approximate counts, up to a minute old, include
 * them.
 */
const PATIENCE_MILLISECONDS = (HIDDEN_SECONDS + 60) * 1000;
/** Consecutive empty responses after which short polling stops. */
const EMPTY_SHORT_POLLS = 5;
const RELEASES_AT_ONCE = 8;

/** @param stop once aborted, no more messages are received */
export function readDeadLetters(
  sqs: SQSClient,
  QueueUrl: string,
  polls: Polling = 'long',
  stop?: AbortSignal,
): DeadLetterReader {
  /** Of the callers that received nothing, only one polls at a time. */
  const waiting = pLimit(1);
  const seen = new Map<string, { receiptHandle: string; receives: number; at: number; deleted: boolean }>();
  const deletions = { begun: 0, ended: 0 };
  let knownInARow = 0;
  let emptyInARow = 0;
  let waitingSince: number | undefined;
  let over = false;
  let unseen = 0;

  const kept = () => [...seen.values()].filter(({ deleted }) => !deleted);

  async function next(max = 10): Promise<Received[] | undefined> {
    const found = await look(max);
    return found === 'nothing' ? waiting(() => wait(max)) : found;
  }

  async function wait(max: number): Promise<Received[] | undefined> {
    for (;;) {
      over ||=
        stop?.aborted === true || (polls === 'long' ? await isOver() : emptyInARow >= EMPTY_SHORT_POLLS);
      if (over) return undefined;
      const found = await look(max);
      if (found !== 'nothing') return found;
    }
  }

  async function look(max: number): Promise<Received[] | 'nothing' | undefined> {
    for (;;) {
      if (stop?.aborted) return undefined;
      // SQS hides the messages at some time before its response arrives.
      const at = Date.now();
      const received = await receive(max);
      if (received.length === 0) {
        emptyInARow += 1;
        return 'nothing';
      }
      emptyInARow = 0;
      // Concurrent responses may arrive out of order.
      const latest = received.filter(({ id, receives }) => !(receives < (seen.get(id)?.receives ?? 0)));
      const fresh = latest.filter(({ id }) => seen.get(id)?.deleted !== false);
      for (const { id, receiptHandle, receives } of latest)
        seen.set(id, { receiptHandle, receives, at, deleted: false });
      if (fresh.length > 0) {
        knownInARow = 0;
        return fresh;
      }
      // A long queue returns seen messages between new ones, in no order. After this many seen messages in a row, the
      // probability that a new one is left is below 1 in 10,000.
      knownInARow += received.length;
      if (knownInARow > 10 * seen.size + 100) return undefined;
    }
  }

  async function receive(max: number): Promise<Received[]> {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({
        QueueUrl,
        MaxNumberOfMessages: max,
        VisibilityTimeout: HIDDEN_SECONDS,
        WaitTimeSeconds: polls === 'long' ? 1 : 0,
        MessageAttributeNames: ['All'],
        MessageSystemAttributeNames: ['All'],
      }),
    );
    return Messages.map(readMessage);
  }

  /**
   * Called after an empty response. Returns whether only messages that this reader hides are left. Messages hidden by
   * another reader, even a killed one, become visible again, possibly since the empty response.
   */
  async function isOver(): Promise<boolean> {
    const now = Date.now();
    waitingSince ??= now;
    const { ended } = deletions;
    // Without messages that are received while SQS counts: it may not have counted those.
    const received = kept();
    const { visible, inFlight } = await queueState({ sqs }, QueueUrl);
    // SQS counted before or after a deletion in flight.
    if (deletions.begun > ended) return false;
    const own = received.filter(({ at }) => Date.now() - at < HIDDEN_SECONDS * 1000);
    const left = visible + Math.max(0, inFlight - own.length);
    if (left > 0 && now - waitingSince <= PATIENCE_MILLISECONDS) return false;
    unseen = left;
    return true;
  }

  async function release(): Promise<void> {
    const handles = kept().map(({ receiptHandle }) => receiptHandle);
    seen.clear();
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
    async deleting(run) {
      deletions.begun += 1;
      try {
        return await run();
      } finally {
        deletions.ended += 1;
      }
    },
    receiptOf: (id) => seen.get(id)?.receiptHandle ?? '',
    markDeleted(id) {
      const message = seen.get(id);
      if (message !== undefined) message.deleted = true;
    },
  };
}
