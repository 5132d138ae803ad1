import { defined } from '../core/defined.ts';
import { pause } from '../core/pause.ts';
import { LIMITS } from '../contract/limits.ts';
import type { BatchCounts, BatchObject, RequestOf } from '../contract/types.ts';
import type { Client } from './client.ts';

const LOOK_MILLISECONDS = 1000;

/** Lists the objects of a batch in the order of their keys, all or those in one state. */
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

/** Returns the size of every object of a batch by its name: what an interrupted upload need not send again. */
export async function sizesInBatch(client: Client, batch: string): Promise<Map<string, number>> {
  const sizes = new Map<string, number>();
  for await (const { name, bytes } of listBatchObjects(client, batch)) sizes.set(name, bytes);
  return sizes;
}

/**
 * Waits until this many files of a batch have arrived and none of them is pending. Counts go up to
 * `LIMITS.countedUploads`.
 * @returns the last counts
 */
export async function followBatch(
  client: Client,
  batch: string,
  uploaded: number,
  { stop, onCounts }: { stop?: AbortSignal; onCounts?: (counts: BatchCounts) => void } = {},
): Promise<BatchCounts> {
  for (;;) {
    const counts = await client.getBatch({ batch });
    onCounts?.(counts);
    if ((counts.pending === 0 && counts.uploaded >= uploaded) || stop?.aborted) return counts;
    await pause(LOOK_MILLISECONDS, stop);
  }
}
