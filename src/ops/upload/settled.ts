import type { OpsContext } from '../context.ts';
import { reconcile } from '../reconcile.ts';
import { pause } from '../pause.ts';

export interface Waiting {
  bucket: string;
  /** Keys without an end yet. Those that come to one are taken out. */
  pending: Set<string>;
  /** Whether others are still being added. */
  more(): boolean;
  stop: AbortSignal;
  onSettled(key: string, state: 'converted' | 'failed'): void | Promise<void>;
}

const LOOK_MILLISECONDS = 1000;

/**
 * Waits until each upload is converted or has failed. It looks at the listings between the first and the last key
 * that is pending, so a look costs a few requests for a thousand keys.
 * @throws the SDK's error when S3 cannot be reached or refuses
 */
export async function untilSettled(ops: OpsContext, waiting: Waiting): Promise<void> {
  const { bucket, pending, more, stop, onSettled } = waiting;
  while ((pending.size > 0 || more()) && !stop.aborted) {
    for await (const { key, state, bucket: of } of reconcile(ops.s3, ops.deployment, commonPrefix(pending))) {
      if (stop.aborted) return;
      if (of !== bucket || state === 'pending' || !pending.delete(key)) continue;
      await onSettled(key, state);
    }
    if (pending.size > 0 || more()) await pause(LOOK_MILLISECONDS, stop);
  }
}

function commonPrefix(keys: ReadonlySet<string>): string {
  let prefix: string | undefined;
  for (const key of keys) {
    prefix ??= key;
    let length = 0;
    while (length < prefix.length && prefix[length] === key[length]) length += 1;
    prefix = prefix.slice(0, length);
    if (prefix === '') break;
  }
  // Half of a surrogate pair is no prefix S3 could take.
  return (prefix ?? '').replace(/[\ud800-\udbff]$/, '');
}
