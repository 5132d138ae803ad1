import type { HeadObjectCommandOutput, S3Client } from '@aws-sdk/client-s3';
import { isTooLong } from '../core/keys.ts';
import { compareUtf8 } from '../core/utf8-order.ts';
import { openListing, type Listed, type Listing, type ListingRequest } from './list-objects.ts';
import { head } from './object-status.ts';

/** A location of objects: a bucket, and a mapping between upload keys and names in it. */
export interface ListingLocation {
  bucket: string;
  /** The prefix of all names. */
  prefix: string;
  /** Whether names end with an extension after the key. */
  hasExtensions?: boolean;
  /** Returns a key's name: the prefix, the key and, with extensions, a dot and an extension. */
  nameOf(key: string): string | undefined;
  /** Returns the key with this name; undefined if there is none. */
  keyOf(name: string): string | undefined;
}

/** Returns a location whose names are a prefix and the key. */
export function locationUnder(bucket: string, prefix = ''): ListingLocation {
  return {
    bucket,
    prefix,
    nameOf: (key) => prefix + key,
    keyOf: (name) => (name.startsWith(prefix) ? name.slice(prefix.length) : undefined),
  };
}

/** The objects of a location in the order of their keys. Both fields are undefined at the end. */
export interface KeyListing {
  readonly key: string | undefined;
  readonly listed: Listed | undefined;
  /** Advances to the next key. Returns a promise only if it has to wait for S3. */
  next(): Promise<void> | undefined;
}

export interface KeyRange {
  prefix: string;
  /** Only keys after this one. */
  after?: string | undefined;
}

/** Objects that are held back before the object that they wait for is requested: a page. */
const MOST_WAITING = 1000;

/** Opens a listing in key order, which holds at most three pages. */
export async function listByKey(
  s3: S3Client,
  location: ListingLocation,
  { prefix, after }: KeyRange,
  mostWaiting = MOST_WAITING,
): Promise<KeyListing> {
  const request: ListingRequest = { bucket: location.bucket, prefix: location.prefix + prefix };
  // A name is at least as long as its key, so names of later keys also come after this key.
  if (after !== undefined) request.after = location.prefix + after;
  const listing = await openListing(s3, request);
  if (location.hasExtensions) return sortedByKey(s3, location, { prefix, after }, listing, mostWaiting);
  const before = location.prefix.length;
  return {
    get key() {
      return listing.current?.key.slice(before);
    },
    get listed() {
      return listing.current;
    },
    next: () => listing.next(),
  };
}

interface Waiting {
  key: string;
  listed: Listed;
}

/**
 * Reorders a listing from name order into key order. They differ if a key continues another key with a character up
 * to the dot: `a` comes before `a-1`, but `a-1.webp` before `a.webp`. So `a-1.webp` waits until the
 * listing has passed `a.webp`. If too many wait for it (`a-1` to `a-9999`), one request looks up `a.webp`.
 */
async function sortedByKey(
  s3: S3Client,
  location: ListingLocation,
  { prefix, after }: KeyRange,
  listing: Listing,
  mostWaiting: number,
): Promise<KeyListing> {
  /** In the order of keys. */
  const waiting: Waiting[] = [];
  /** Keys that were looked up before the listing reached them. */
  const lookedUp = new Set<string>();

  const isWanted = (key: string) =>
    key.startsWith(prefix) && (after === undefined || compareUtf8(key, after) > 0);

  /** Returns the shortest key that comes before this one and may be listed later. */
  function missingBefore(key: string): { key: string; name: string } | undefined {
    const { current } = listing;
    if (current === undefined) return undefined;
    const before = location.prefix.length;
    for (let length = 1; length < key.length; length += 1) {
      // Every name between those of the two keys begins with the shorter key.
      if (key[length - 1] !== current.key[before + length - 1]) return undefined;
      if (key.charAt(length) > '.') continue;
      const shorter = key.slice(0, length);
      if (lookedUp.has(shorter) || !isWanted(shorter)) continue;
      const name = location.nameOf(shorter);
      if (name !== undefined && !isTooLong(name) && compareUtf8(name, current.key) >= 0)
        return { key: shorter, name };
    }
    return undefined;
  }

  function insert(entry: Waiting): void {
    let index = waiting.length;
    while (index > 0 && compareUtf8(waiting[index - 1]?.key ?? '', entry.key) > 0) index -= 1;
    waiting.splice(index, 0, entry);
  }

  function read(): Promise<void> | undefined {
    const { current: listed } = listing;
    const key = listed === undefined ? undefined : location.keyOf(listed.key);
    if (listed !== undefined && key !== undefined && isWanted(key) && !lookedUp.delete(key))
      insert({ key, listed });
    return listing.next();
  }

  async function lookUp({ key, name }: { key: string; name: string }): Promise<void> {
    const found = await head(s3, location.bucket, name);
    lookedUp.add(key);
    if (found !== undefined) insert({ key, listed: asListed(name, found) });
  }

  /** Reads until the first waiting entry is the next key. */
  function advance(): Promise<void> | undefined {
    for (;;) {
      const [first] = waiting;
      if (first === undefined && listing.current === undefined) return undefined;
      const missing = first === undefined ? undefined : missingBefore(first.key);
      if (first !== undefined && missing === undefined) return undefined;
      const pause = missing !== undefined && waiting.length >= mostWaiting ? lookUp(missing) : read();
      if (pause !== undefined) return pause.then(advance);
    }
  }

  await advance();
  return {
    get key() {
      return waiting[0]?.key;
    },
    get listed() {
      return waiting[0]?.listed;
    },
    next() {
      waiting.shift();
      return advance();
    },
  };
}

function asListed(
  key: string,
  { LastModified, ContentLength: bytes = 0, ETag: etag = '' }: HeadObjectCommandOutput,
): Listed {
  return { key, at: LastModified?.getTime() ?? 0, bytes, etag };
}
