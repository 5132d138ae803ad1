import type { OpsContext } from '../../ops/context.ts';
import type { UploadState } from '../../ops/upload-state.ts';
import { compareUtf8 } from '../../core/utf8-order.ts';
import { listUploadStates } from '../../ops/list-upload-states.ts';
import { pause } from '../../core/pause.ts';

/** A state that changes only when the key is uploaded again; `gone` if the upload was deleted. */
export type FinalState = Exclude<UploadState['state'], 'pending'> | 'gone';

export interface Waiting {
  bucket: string;
  /** Keys without an outcome yet. A key is removed when it has one. */
  pending: Set<string>;
  /** Returns whether keys are still being added. */
  more(): boolean;
  stop: AbortSignal;
  onOutcome(key: string, state: FinalState): void | Promise<void>;
}

const POLL_MILLISECONDS = 1000;

/**
 * Waits until no upload is pending. Lists only between the first and the last pending key, so each poll takes a few
 * requests per thousand keys.
 * @throws the SDK's error if S3 cannot be reached or refuses
 */
export async function waitForOutcomes(ops: OpsContext, waiting: Waiting): Promise<void> {
  const { bucket, pending, more, stop, onOutcome } = waiting;
  while ((pending.size > 0 || more()) && !stop.aborted) {
    const keys = [...pending].toSorted(compareUtf8);
    const [first, last] = [keys[0], keys.at(-1)];
    const entries =
      first === undefined || last === undefined
        ? []
        : listUploadStates(ops.s3, ops.deployment, commonPrefix(first, last), startBefore(first));
    const missing = new Set(keys);
    for await (const { key, state, bucket: of } of entries) {
      if (stop.aborted) return;
      if (last !== undefined && compareUtf8(key, last) > 0) break;
      if (of !== bucket) continue;
      missing.delete(key);
      if (state === 'pending' || !pending.delete(key)) continue;
      await onOutcome(key, state);
    }
    for (const key of missing) if (pending.delete(key)) await onOutcome(key, 'gone');
    if (pending.size > 0 || more()) await pause(POLL_MILLISECONDS, stop);
  }
}

/** Returns the common prefix of sorted keys, which is that of the first and the last. */
function commonPrefix(first: string, last: string): string {
  let length = 0;
  while (length < first.length && first[length] === last[length]) length += 1;
  return wholeCharacters(first.slice(0, length));
}

/** Returns a position shortly before a key: everything but its last character. */
function startBefore(key: string): { after?: string } {
  const after = wholeCharacters(key.slice(0, -1));
  return after === '' ? {} : { after };
}

/** Removes half a surrogate pair at the end, which S3 does not accept. */
function wholeCharacters(text: string): string {
  return text.replace(/[\ud800-\udbff]$/, '');
}
