import { defined } from '../core/defined.ts';
import { pause } from '../core/pause.ts';
import { LIMITS } from '../contract/limits.ts';
import type { BatchCounts, BatchObject, RequestOf } from '../contract/types.ts';
import type { Client } from './client.ts';

const POLL_MILLISECONDS = 1000;

/** Lists a batch's objects in key order: all, or those in one state. */
export async function* listBatchObjects(
  client: Client,
  batch: string,
  state?: RequestOf<'listBatch'>['state'],
): AsyncGenerator<BatchObject> {
  let after: string | undefined;
  do {
    const page = await client.listBatch(defined({ batch, limit: LIMITS.listedObjects, state, after }));
    yield* page.objects;
    after = page.next;
  } while (after !== undefined);
}

/** Returns the sizes of a batch's objects by name, which an interrupted upload need not send again. */
export async function sizesInBatch(client: Client, batch: string): Promise<Map<string, number>> {
  const sizes = new Map<string, number>();
  for await (const { name, bytes } of listBatchObjects(client, batch)) sizes.set(name, bytes);
  return sizes;
}

/**
 * Counts a batch, page by page if it is too large for one response.
 * @param stop ends it early, with the counts of the first response
 */
export async function countBatch(client: Client, batch: string, stop?: AbortSignal): Promise<BatchCounts> {
  const some = await client.getBatch({ batch });
  if (!some.truncated) return some;
  const none = { uploaded: 0, converted: 0, failed: 0, pending: 0, ignored: 0 };
  const counts = { ...some, ...none, truncated: false };
  for await (const { state } of listBatchObjects(client, batch)) {
    if (stop?.aborted) return some;
    counts.uploaded += 1;
    counts[state] += 1;
  }
  return counts;
}

/**
 * Waits until this many files of a batch have arrived and none of them is pending.
 * @returns the last counts
 */
export async function followBatch(
  client: Client,
  batch: string,
  uploaded: number,
  { stop, onCounts }: { stop?: AbortSignal; onCounts?: (counts: BatchCounts) => void } = {},
): Promise<BatchCounts> {
  for (;;) {
    const counts = await countBatch(client, batch, stop);
    onCounts?.(counts);
    if ((counts.pending === 0 && counts.uploaded >= uploaded) || stop?.aborted) return counts;
    await pause(POLL_MILLISECONDS, stop);
  }
}
