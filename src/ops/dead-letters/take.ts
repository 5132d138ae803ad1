import { DeleteMessageBatchCommand } from '@aws-sdk/client-sqs';
import type { DeadLetterContext } from '../context.ts';
import { withReason, type DeadLetter, type Received } from './dead-letter.ts';
import { matches, matchesByMessage, type Filter } from './filter.ts';
import { readDeadLetters, type Polls } from './reader.ts';
import { portions, type Pace } from '../pace.ts';

export interface TakeOptions {
  filter: Filter;
  /** Lanes that receive, settle and delete, each ten messages at a time. */
  lanes: number;
  /** The largest number of messages to take. */
  limit?: number;
  polls?: Polls;
  /** No others are taken once it is aborted; those in hand are settled. */
  stop?: AbortSignal;
  /** Messages that are left out although they match. */
  except?(message: Received): boolean;
  /** Waited for before each portion is settled. */
  pace?: Pace;
  /**
   * Provides for messages before they are deleted: stores a copy, sends them on. Answers the ids of those provided
   * for; the others stay.
   */
  settle(letters: DeadLetter[]): Promise<ReadonlySet<string>>;
}

export interface Taken {
  taken: number;
  /** They were settled and could not be deleted: they are in the queue still, and are met again. */
  notDeleted: number;
  /** Others were reading them all the time: whether they match is not known. */
  unseen: number;
}

/**
 * Takes dead letters out of their queue: receive, settle, then delete. Killed at any moment it loses none, since
 * nothing is deleted before it is provided for; at the worst one is settled twice.
 */
export async function takeDeadLetters(ops: DeadLetterContext, taking: TakeOptions): Promise<Taken> {
  const { filter, lanes, limit = Number.POSITIVE_INFINITY, polls, stop, except, pace, settle } = taking;
  const result: Taken = { taken: 0, notDeleted: 0, unseen: 0 };
  const provided = new Set<string>();
  let reserved = 0;

  const ended = new AbortController();
  const stopping = AbortSignal.any([ended.signal, ...(stop === undefined ? [] : [stop])]);
  const reader = readDeadLetters(ops.sqs, ops.deployment.deadLetterQueueUrl, polls, stopping);

  async function lane(): Promise<void> {
    for (;;) {
      if (stopping.aborted) return;
      const places = Math.min(10, limit - reserved);
      if (places <= 0) return;
      reserved += places;
      const page = stopping.aborted ? undefined : await reader.next(places);
      // What was deleted to no effect comes back.
      const back = page?.filter(({ id }) => provided.has(id)) ?? [];
      result.notDeleted += await remove(back.map(({ id }) => id));
      const chosen = await choose(page?.filter((message) => !back.includes(message)) ?? []);
      reserved -= places - chosen.length;
      if (page === undefined) return;
      for (const part of pace === undefined ? [chosen] : portions(chosen, pace.portion)) await provide(part);
    }
  }

  async function choose(page: Received[]): Promise<DeadLetter[]> {
    const candidates = page.filter((each) => matchesByMessage(each, filter) && except?.(each) !== true);
    const letters = await Promise.all(candidates.map((each) => withReason(each, ops)));
    return letters.filter((letter) => matches(letter, filter));
  }

  async function provide(letters: DeadLetter[]): Promise<void> {
    await pace?.before(letters.length);
    if (letters.length === 0 || stopping.aborted) return void (reserved -= letters.length);
    const settled = await settle(letters);
    const ids = letters.map(({ id }) => id).filter((id) => settled.has(id));
    for (const id of ids) provided.add(id);
    reserved -= letters.length - ids.length;
    result.taken += ids.length;
    result.notDeleted += await remove(ids);
  }

  /**
   * Deletes what was provided for. Where a message came round again meanwhile, SQS has deleted nothing, though it
   * says so. Answers how many could not be deleted.
   */
  async function remove(ids: readonly string[]): Promise<number> {
    if (ids.length === 0) return 0;
    const entries = ids.map((id) => ({ Id: id, ReceiptHandle: reader.receiptOf(id) }));
    const { Successful = [], Failed = [] } = await ops.sqs.send(
      new DeleteMessageBatchCommand({ QueueUrl: ops.deployment.deadLetterQueueUrl, Entries: entries }),
    );
    const deleted = entries.filter(({ Id }) => Successful.some((each) => each.Id === Id));
    const isLatest = ({ Id, ReceiptHandle }: (typeof entries)[number]) =>
      reader.receiptOf(Id) === ReceiptHandle;
    for (const { Id } of deleted.filter(isLatest)) reader.gone(Id);
    const again = deleted.filter((entry) => !isLatest(entry)).map(({ Id }) => Id);
    return Failed.length + (await remove(again));
  }

  /** One lane that fails ends the others, each after what it has in hand. */
  async function untilFailure(): Promise<void> {
    try {
      await lane();
    } catch (error) {
      ended.abort();
      throw error;
    }
  }

  const ends = await Promise.allSettled(Array.from({ length: lanes }, untilFailure));
  result.unseen = reader.unseen;
  await reader.release();
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
  return result;
}
