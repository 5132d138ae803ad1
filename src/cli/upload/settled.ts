import type { OpsContext } from '../../ops/context.ts';
import type { UploadState } from '../../ops/upload-state.ts';
import { compareUtf8 } from '../../core/utf8-order.ts';
import { listUploadStates } from '../../ops/list-upload-states.ts';
import { pause } from '../../core/pause.ts';

/** A state that only another upload of the key changes. */
export type SettledState = Exclude<UploadState['state'], 'pending'>;

export interface Waiting {
  bucket: string;
  /** Keys without an end yet. Those that come to one are taken out. */
  pending: Set<string>;
  /** Whether others are still being added. */
  more(): boolean;
  stop: AbortSignal;
  onSettled(key: string, state: SettledState): void | Promise<void>;
}

const LOOK_MILLISECONDS = 1000;

/**
 * Waits until no upload is pending. It looks at the listings between the first and the last key
 * that is pending, so a look costs a few requests for a thousand keys.
 * @throws the SDK's error when S3 cannot be reached or refuses
 */
export async function untilSettled(ops: OpsContext, waiting: Waiting): Promise<void> {
  const { bucket, pending, more, stop, onSettled } = waiting;
  while ((pending.size > 0 || more()) && !stop.aborted) {
    const keys = [...pending].toSorted(compareUtf8);
    const [first, last] = [keys[0], keys.at(-1)];
    const looked =
      first === undefined || last === undefined
        ? []
        : listUploadStates(ops.s3, ops.deployment, commonPrefix(first, last), afterWhat(first));
    for await (const { key, state, bucket: of } of looked) {
      if (stop.aborted) return;
      if (last !== undefined && compareUtf8(key, last) > 0) break;
      if (of !== bucket || state === 'pending' || !pending.delete(key)) continue;
      await onSettled(key, state);
    }
    if (pending.size > 0 || more()) await pause(LOOK_MILLISECONDS, stop);
  }
}

/** Of keys in order, the first and the last have in common what all have. */
function commonPrefix(first: string, last: string): string {
  let length = 0;
  while (length < first.length && first[length] === last[length]) length += 1;
  return wholeCharacters(first.slice(0, length));
}

/** A listing may begin behind what a key begins with, since that stands before it, with little in between. */
function afterWhat(key: string): { after?: string } {
  const after = wholeCharacters(key.slice(0, -1));
  return after === '' ? {} : { after };
}

/** Half of a surrogate pair is nothing that S3 could take. */
function wholeCharacters(text: string): string {
  return text.replace(/[\ud800-\udbff]$/, '');
}
