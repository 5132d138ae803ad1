import type { S3Client } from '@aws-sdk/client-s3';
import { compareUtf8 } from '../core/utf8-order.ts';
import { listByKey, type KeyListing, type KeyRange, type ListingLocation } from './list-by-key.ts';
import type { Listed } from './list-objects.ts';

export interface JoinRequest extends KeyRange {
  /** Locations whose keys are joined. */
  leading: readonly ListingLocation[];
  /** Locations that are only checked for these keys. */
  following: readonly ListingLocation[];
}

/** A key and each location's object with this key: the leading locations first, in the order of the request. */
export interface JoinedKey {
  key: string;
  found: (Listed | undefined)[];
}

/** Sorted listings, joined by key. */
export interface ListingJoin {
  /** The next key; undefined at the end. */
  readonly key: string | undefined;
  /**
   * Takes the next key. Returns a promise only at the end of a page, so that a million keys do not take a million
   * turns of the event loop.
   */
  take(): JoinedKey | Promise<JoinedKey>;
}

/** Opens a join, which holds two or three pages of each listing. */
export async function openJoin(
  s3: S3Client,
  { leading, following, ...range }: JoinRequest,
): Promise<ListingJoin> {
  const cursors = await Promise.all(
    [...leading, ...following].map((location) => listByKey(s3, location, range)),
  );
  const leads = cursors.slice(0, leading.length);

  function leastKey(): string | undefined {
    let least: string | undefined;
    for (const cursor of leads) {
      const { key } = cursor;
      if (key !== undefined && (least === undefined || compareUtf8(key, least) < 0)) least = key;
    }
    return least;
  }

  return {
    get key() {
      return leastKey();
    },
    take() {
      const key = leastKey();
      if (key === undefined) throw new Error('there is no key left');
      const found = cursors.map((cursor) => seek(cursor, key));
      if (found.every(isHere)) {
        const turns = leads.flatMap((cursor) => (cursor.key === key ? (cursor.next() ?? []) : []));
        const joined = { key, found };
        return turns.length === 0 ? joined : Promise.all(turns).then(() => joined);
      }
      return finish(key, found);
    },
  };

  async function finish(key: string, seeking: (Listed | undefined | Promise<Listed | undefined>)[]) {
    const found = await Promise.all(seeking.map((each) => Promise.resolve(each)));
    await Promise.all(leads.flatMap((cursor) => (cursor.key === key ? (cursor.next() ?? []) : [])));
    return { key, found };
  }
}

function isHere(found: Listed | undefined | Promise<Listed | undefined>): found is Listed | undefined {
  return !(found instanceof Promise);
}

/** Advances to the first key that is not before the wanted key, and returns its object if the two are equal. */
function seek(cursor: KeyListing, wanted: string): Listed | undefined | Promise<Listed | undefined> {
  for (let { key } = cursor; key !== undefined; { key } = cursor) {
    const order = compareUtf8(key, wanted);
    if (order > 0) return undefined;
    if (order === 0) return cursor.listed;
    const turning = cursor.next();
    if (turning !== undefined) return turning.then(() => seek(cursor, wanted));
  }
  return undefined;
}

/** Keys per chunk: a turn of the event loop for each of a million keys would cost more than the join. */
const CHUNK = 500;

/**
 * Merges the joins of several upload buckets in key order.
 * @param each returns the entries for a key in the bucket with this index
 */
export async function* mergeJoins<T>(
  openAll: () => Promise<ListingJoin[]>,
  each: (joined: JoinedKey, index: number) => readonly T[],
): AsyncGenerator<T[]> {
  const joins = await openAll();
  let chunk: T[] = [];
  for (let index = leastOf(joins); index !== undefined; index = leastOf(joins)) {
    const taken = joins[index]?.take();
    if (taken === undefined) return;
    chunk.push(...each(taken instanceof Promise ? await taken : taken, index));
    if (chunk.length < CHUNK) continue;
    yield chunk;
    chunk = [];
  }
  yield chunk;
}

/** Returns the index of the join with the first key. */
function leastOf(joins: readonly ListingJoin[]): number | undefined {
  let least: { key: string; index: number } | undefined;
  for (const [index, { key }] of joins.entries())
    if (key !== undefined && (least === undefined || compareUtf8(key, least.key) < 0)) least = { key, index };
  return least?.index;
}
