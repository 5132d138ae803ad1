import pLimit from 'p-limit';
import type { ObjectRef } from '../../core/object-ref.ts';
import { failureKey } from '../../core/keys.ts';
import type { OpsContext } from '../context.ts';
import { keyOf, type Received } from '../dead-letters/dead-letter.ts';
import { listDeadLetters } from '../dead-letters/list.ts';
import { objectStatus } from '../object-status.ts';
import type { Progress } from './progress.ts';
import { REDRIVE_ATTRIBUTE } from './send.ts';

/** What became of an object after its redrive. */
export type Followed =
  | { kind: 'converted'; key: string }
  | { kind: 'failed again'; key: string; code: string; message: string }
  /** The source was deleted, or there is nothing to convert any more. */
  | { kind: 'gone'; key: string };

/** Follows redriven messages until their objects are converted or have failed again. */
export interface Follower {
  /** @param newId of the message on the retry queue */
  add(letter: Pick<Received, 'id' | 'objects'>, newId: string): void;
  /** Those that have no end yet, for whoever goes on with them. */
  following(): Progress['following'];
  /** How many have no end yet. */
  pending(): number;
  /** Looks at some of the pending ones, in turn, and answers which have come to an end since. */
  poll(): Promise<Followed[]>;
  /**
   * Looks into the dead-letter queue for those that no report speaks of: no process was left to write one, or
   * the message is no notification. It hides dead letters for a moment, so nobody else should be taking any.
   */
  lookIntoQueue(stop: AbortSignal): Promise<Followed[]>;
}

interface Watched {
  key: string;
  object?: ObjectRef;
  newIds: Set<string>;
}

/** Bounds what a look costs while thousands are under way. */
const LOOKED_AT = 200;
const LOOKS_AT_ONCE = 16;

/** @param before those that another run of this redrive was following */
export function createFollower(
  ops: OpsContext,
  redrive: string,
  before: Progress['following'] = [],
): Follower {
  const { s3, deployment } = ops;
  const watched = new Map<string, Watched>();
  const limit = pLimit(LOOKS_AT_ONCE);

  function watch(place: string, entry: Omit<Watched, 'newIds'>, newId: string): void {
    const known = watched.get(place) ?? { ...entry, newIds: new Set<string>() };
    known.newIds.add(newId);
    watched.set(place, known);
  }

  async function look(place: string, { key, object, newIds }: Watched): Promise<Followed | undefined> {
    // To the end of the line, so that the others have their turn.
    const entry = watched.get(place);
    if (entry !== undefined && watched.delete(place)) watched.set(place, entry);
    if (object === undefined) return undefined;
    const status = await objectStatus(s3, deployment, object);
    // A stale result was there before: the redrive makes another one.
    if (status.status === 'converted' && !status.stale) return { kind: 'converted', key };
    if (status.status === 'unknown' || status.status === 'ignored') return { kind: 'gone', key };
    // A report by another message is from before the redrive.
    if (status.status !== 'failed' || !newIds.has(status.messageId)) return undefined;
    return { kind: 'failed again', key, code: status.code, message: status.message };
  }

  function watchObject(object: ObjectRef, newId: string): void {
    watch(failureKey(object, deployment), { key: object.key, object }, newId);
  }

  /** Of what is in no upload bucket nothing can be seen but the message. */
  function ownObjects({ objects }: Pick<Received, 'objects'>): ObjectRef[] {
    return objects.filter(({ bucket }) => deployment.uploadBuckets.includes(bucket));
  }

  function watchMessage(key: string, newId: string): void {
    watch(`message ${newId}`, { key }, newId);
  }

  for (const { bucket, key, newIds } of before)
    for (const newId of newIds) {
      if (bucket === undefined) watchMessage(key, newId);
      else watchObject({ bucket, key }, newId);
    }

  return {
    add(letter, newId) {
      const own = ownObjects(letter);
      for (const object of own) watchObject(object, newId);
      if (own.length === 0) watchMessage(keyOf(letter), newId);
    },
    following: () =>
      [...watched.values()].map(({ key, object, newIds }) => ({
        key,
        ...(object === undefined ? {} : { bucket: object.bucket }),
        newIds: [...newIds],
      })),
    pending: () => watched.size,

    async poll() {
      const some = [...watched].slice(0, LOOKED_AT);
      const ends = await limit.map(some, async ([place, entry]) => ({
        place,
        end: await look(place, entry),
      }));
      return ends.flatMap(({ place, end }) => (end !== undefined && watched.delete(place) ? [end] : []));
    },

    async lookIntoQueue(stop) {
      const found: Followed[] = [];
      for await (const letter of listDeadLetters(ops, 'long', stop)) {
        if (stop.aborted) break;
        if (letter.attributes[REDRIVE_ATTRIBUTE]?.StringValue !== redrive) continue;
        const { code, message } = letter;
        const own = ownObjects(letter);
        const places =
          own.length > 0
            ? own.map((object) => failureKey(object, deployment))
            : [...watched]
                .filter(([, { object }]) => object === undefined)
                .map(([place]) => place)
                .slice(0, 1);
        for (const place of places) {
          const entry = watched.get(place);
          if (entry === undefined) continue;
          watched.delete(place);
          found.push({ kind: 'failed again', key: entry.key, code, message });
        }
      }
      return found;
    },
  };
}
