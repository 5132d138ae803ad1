import pLimit from 'p-limit';
import { defined } from '../../core/defined.ts';
import { failureKey } from '../../core/keys.ts';
import type { ObjectRef } from '../../core/object-ref.ts';
import { timeOf, type OpsContext } from '../context.ts';
import { keyOf, type Received } from '../dead-letters/dead-letter.ts';
import { listDeadLetters } from '../dead-letters/list.ts';
import { queueState } from '../dead-letters/queue-state.ts';
import { objectStatus } from '../object-status.ts';
import { REDRIVE_ATTRIBUTE } from './send.ts';

/** The outcome of an object after its redrive. */
export type Followed =
  | { kind: 'converted'; key: string }
  | { kind: 'failed again'; key: string; code: string; message: string }
  /** The source was deleted, or there is nothing to convert anymore. */
  | { kind: 'gone'; key: string };

/** A moved object without an outcome, with its message ids on the retry queue. Without a bucket, a message. */
export interface Following {
  key: string;
  bucket?: string | undefined;
  newIds: readonly string[];
}

/** Follows redriven messages until their objects are converted or have failed again. */
export interface Follower {
  /** @param newId of the message on the retry queue */
  add(letter: Pick<Received, 'id' | 'objects'>, newId: string): void;
  /** Returns the objects without an outcome, for the next run. */
  following(): Following[];
  /** Returns how many objects have no outcome. */
  pending(): number;
  /** Checks some of the pending objects, in turn, and returns the new outcomes. */
  poll(): Promise<Followed[]>;
  /**
   * Checks the dead-letter queue for messages without a report: their process died, or they are not notifications.
   * This hides dead letters for a moment, so do not take any concurrently.
   */
  checkDeadLetters(stop: AbortSignal): Promise<Followed[]>;
}

interface Watched {
  key: string;
  object?: ObjectRef;
  newIds: Set<string>;
}

/** Objects per poll, which bounds its requests while thousands are pending. */
const OBJECTS_PER_POLL = 200;
const CHECKS_AT_ONCE = 16;
const POLL_MILLISECONDS = 500;
/** The dead-letter queue is checked after this time without an outcome. */
const CHECK_QUEUE_MILLISECONDS = 5000;
/** How long the queues must be empty, checked at least twice. SQS's counts may be a minute old. */
const QUIET_MILLISECONDS = 75_000;

/** @param before the objects that the previous run of this redrive was following */
export function createFollower(
  ops: OpsContext,
  redrive: string,
  before: readonly Following[] = [],
): Follower {
  const { s3, deployment } = ops;
  const watched = new Map<string, Watched>();
  const limit = pLimit(CHECKS_AT_ONCE);

  function watch(id: string, entry: Omit<Watched, 'newIds'>, newId: string): void {
    const known = watched.get(id) ?? { ...entry, newIds: new Set<string>() };
    known.newIds.add(newId);
    watched.set(id, known);
  }

  async function check(id: string, entry: Watched): Promise<Followed | undefined> {
    const { key, object, newIds } = entry;
    // Moves the entry to the end, so that other entries get their turn.
    watched.delete(id);
    watched.set(id, entry);
    if (object === undefined) return undefined;
    const status = await objectStatus(s3, deployment, object);
    // A stale result existed before the redrive, which will replace it.
    if (status.status === 'converted' && !status.stale) return { kind: 'converted', key };
    if (status.status === 'unknown' || status.status === 'ignored') return { kind: 'gone', key };
    // A report of another message is older than the redrive.
    if (status.status !== 'failed' || !newIds.has(status.messageId)) return undefined;
    return { kind: 'failed again', key, code: status.code, message: status.message };
  }

  function watchObject(object: ObjectRef, newId: string): void {
    watch(failureKey(object, deployment), { key: object.key, object }, newId);
  }

  /** Returns a message's objects in upload buckets. Other objects cannot be followed, only their message. */
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
      [...watched.values()].map(({ key, object, newIds }) =>
        defined({ key, bucket: object?.bucket, newIds: [...newIds] }),
      ),
    pending: () => watched.size,

    async poll() {
      const some = [...watched].slice(0, OBJECTS_PER_POLL);
      const ends = await limit.map(some, async ([id, entry]) => ({
        id,
        end: await check(id, entry),
      }));
      return ends.flatMap(({ id, end }) => (end !== undefined && watched.delete(id) ? [end] : []));
    },

    async checkDeadLetters(stop) {
      const found: Followed[] = [];
      for await (const letter of listDeadLetters(ops, 'long', stop)) {
        if (stop.aborted) break;
        if (letter.attributes[REDRIVE_ATTRIBUTE]?.StringValue !== redrive) continue;
        const { code, message } = letter;
        const own = ownObjects(letter);
        const ids =
          own.length > 0
            ? own.map((object) => failureKey(object, deployment))
            : [...watched]
                .filter(([, { object }]) => object === undefined)
                .map(([id]) => id)
                .slice(0, 1);
        for (const id of ids) {
          const entry = watched.get(id);
          if (entry === undefined) continue;
          watched.delete(id);
          found.push({ kind: 'failed again', key: entry.key, code, message });
        }
      }
      return found;
    },
  };
}

/**
 * Polls until nothing is pending, and checks the dead-letter queue if there was no outcome for a while. Also ends if
 * no further outcome is possible, for example because something else took a message. Its object then stays pending.
 */
export async function followUntilDone(
  ops: OpsContext,
  follower: Follower,
  take: (ends: Followed[]) => void,
  stop: AbortSignal,
): Promise<void> {
  const time = timeOf(ops);
  let lastEnd = time.now();
  let quietSince: number | undefined;
  let quiet = 0;
  while (follower.pending() > 0 && quiet < QUIET_MILLISECONDS && !stop.aborted) {
    let ends = await follower.poll();
    if (ends.length === 0 && time.now() - lastEnd > CHECK_QUEUE_MILLISECONDS) {
      ends = await follower.checkDeadLetters(stop);
      quietSince = ends.length === 0 && (await isQuiet(ops)) ? (quietSince ?? time.now()) : undefined;
      quiet = quietSince === undefined ? 0 : time.now() - quietSince;
      lastEnd = time.now();
    }
    if (ends.length > 0) lastEnd = time.now();
    take(ends);
    if (follower.pending() > 0) await time.wait(POLL_MILLISECONDS, stop);
  }
  take([]);
}

async function isQuiet(ops: OpsContext): Promise<boolean> {
  const { conversionQueueUrl, retryQueueUrl } = ops.deployment;
  const states = await Promise.all([conversionQueueUrl, retryQueueUrl].map((url) => queueState(ops, url)));
  return states.every(({ visible, inFlight, delayed }) => visible + inFlight + delayed === 0);
}
