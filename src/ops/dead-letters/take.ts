import { DeleteMessageBatchCommand } from '@aws-sdk/client-sqs';
import type { DeadLetterContext } from '../context.ts';
import { withReason, type DeadLetter, type Received } from './dead-letter.ts';
import { matches, matchesByMessage, type Filter } from './filter.ts';
import { readDeadLetters, type Polling } from './reader.ts';
import { portions, type Pace } from '../pace.ts';

export interface TakeOptions {
  filter: Filter;
  /** Concurrent pollers. Each receives, handles and deletes up to ten messages at a time. */
  pollers: number;
  /** The largest number of messages to take. */
  limit?: number;
  polls?: Polling;
  /** Once aborted, no more messages are taken; messages already being handled are finished. */
  stop?: AbortSignal;
  /** Returns true for messages to leave in the queue although they match. */
  except?(message: Received): boolean;
  /** Limits the rate: awaited before each portion is handled. */
  pace?: Pace;
  /**
   * Stores a copy of the messages or sends them elsewhere, before they are deleted. Returns the ids of the messages
   * to delete; the others stay in the queue.
   */
  handle(letters: DeadLetter[]): Promise<ReadonlySet<string>>;
}

export interface Taken {
  taken: number;
  /** Messages that were handled but could not be deleted. They are still in the queue. */
  notDeleted: number;
  /** Messages that other readers kept hidden, so whether they match is unknown. */
  unseen: number;
}

/**
 * Takes dead letters out of their queue: receives, handles, then deletes them. If the process is killed at any point,
 * no message is lost, because a message is deleted only after it was handled; at worst it is handled twice.
 */
export async function takeDeadLetters(ops: DeadLetterContext, options: TakeOptions): Promise<Taken> {
  const { filter, pollers, limit = Number.POSITIVE_INFINITY, polls, stop, except, pace, handle } = options;
  const result: Taken = { taken: 0, notDeleted: 0, unseen: 0 };
  const handled = new Set<string>();
  let reserved = 0;

  const ended = new AbortController();
  const stopping = AbortSignal.any([ended.signal, ...(stop === undefined ? [] : [stop])]);
  const reader = readDeadLetters(ops.sqs, ops.deployment.deadLetterQueueUrl, polls, stopping);

  async function poll(): Promise<void> {
    for (;;) {
      if (stopping.aborted) return;
      const slots = Math.min(10, limit - reserved);
      if (slots <= 0) return;
      reserved += slots;
      const page = stopping.aborted ? undefined : await reader.next(slots);
      // Handled messages whose deletion had no effect are received again.
      const back = page?.filter(({ id }) => handled.has(id)) ?? [];
      result.notDeleted += await remove(back.map(({ id }) => id));
      const chosen = await choose(page?.filter((message) => !back.includes(message)) ?? []);
      reserved -= slots - chosen.length;
      if (page === undefined) return;
      for (const part of pace === undefined ? [chosen] : portions(chosen, pace.portion))
        await handleAndDelete(part);
    }
  }

  async function choose(page: Received[]): Promise<DeadLetter[]> {
    const candidates = page.filter((each) => matchesByMessage(each, filter) && except?.(each) !== true);
    const letters = await Promise.all(candidates.map((each) => withReason(each, ops)));
    return letters.filter((letter) => matches(letter, filter));
  }

  async function handleAndDelete(letters: DeadLetter[]): Promise<void> {
    await pace?.before(letters.length);
    if (letters.length === 0 || stopping.aborted) return void (reserved -= letters.length);
    const toDelete = await handle(letters);
    const ids = letters.map(({ id }) => id).filter((id) => toDelete.has(id));
    for (const id of ids) handled.add(id);
    reserved -= letters.length - ids.length;
    result.taken += ids.length;
    result.notDeleted += await remove(ids);
  }

  /**
   * Deletes handled messages. Returns how many could not be deleted. If a message was received again in the meantime,
   * SQS reports success but deletes nothing, so this deletes again with the newer receipt.
   */
  async function remove(ids: readonly string[]): Promise<number> {
    if (ids.length === 0) return 0;
    const { failed, again } = await reader.deleting(() => removeOnce(ids));
    return failed + (await remove(again));
  }

  async function removeOnce(ids: readonly string[]): Promise<{ failed: number; again: string[] }> {
    const entries = ids.map((id) => ({ Id: id, ReceiptHandle: reader.receiptOf(id) }));
    const { Successful = [], Failed = [] } = await ops.sqs.send(
      new DeleteMessageBatchCommand({ QueueUrl: ops.deployment.deadLetterQueueUrl, Entries: entries }),
    );
    const deleted = entries.filter(({ Id }) => Successful.some((each) => each.Id === Id));
    const isLatest = ({ Id, ReceiptHandle }: (typeof entries)[number]) =>
      reader.receiptOf(Id) === ReceiptHandle;
    for (const { Id } of deleted.filter(isLatest)) reader.markDeleted(Id);
    const again = deleted.filter((entry) => !isLatest(entry)).map(({ Id }) => Id);
    return { failed: Failed.length, again };
  }

  /** Polls; on failure, ends the other pollers after their current messages. */
  async function untilFailure(): Promise<void> {
    try {
      await poll();
    } catch (error) {
      ended.abort();
      throw error;
    }
  }

  const ends = await Promise.allSettled(Array.from({ length: pollers }, untilFailure));
  result.unseen = reader.unseen;
  await reader.release();
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
  return result;
}
