import { newest, type Bucket } from './bucket.ts';
import { compareUtf8 } from './utf8-order.ts';
import type { Version } from './version.ts';

export interface ListRequest {
  prefix: string;
  delimiter: string;
  /** Keys and common prefixes after this one. */
  after: string;
  max: number;
}

export interface Listed<T> {
  items: T[];
  commonPrefixes: string[];
  /** The position after which the next page begins; absent on the last page. */
  next?: string;
}

/** Returns a page of a bucket's current objects. */
export function listObjects(bucket: Bucket, request: ListRequest): Listed<Version> {
  return listKeys(bucket, request, (key) => {
    const version = newest(bucket, key);
    return version === undefined || version.deleteMarker ? [] : [version];
  });
}

/** Walks the keys of a page. A group of keys with a common prefix counts as one item, as in S3. */
function listKeys<T>(
  bucket: Bucket,
  { prefix, delimiter, after, max }: ListRequest,
  itemsOf: (key: string) => T[],
): Listed<T> {
  const items: T[] = [];
  const commonPrefixes: string[] = [];
  let last = '';
  const seenGroup =
    delimiter !== '' && after.endsWith(delimiter) && after.startsWith(prefix) ? after : undefined;
  const resuming = compareUtf8(after, prefix) > 0;
  for (const key of bucket.keys.after(resuming ? after : prefix, resuming)) {
    if (!key.startsWith(prefix)) break;
    const found = itemsOf(key);
    if (found.length === 0) continue;
    const end = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length);
    const group = end === -1 ? undefined : key.slice(0, end + delimiter.length);
    if (group !== undefined && (group === commonPrefixes.at(-1) || group === seenGroup)) continue;
    if (items.length + commonPrefixes.length >= max)
      return { items, commonPrefixes, ...(max > 0 ? { next: last } : {}) };
    if (group === undefined) items.push(...found);
    else commonPrefixes.push(group);
    last = group ?? key;
  }
  return { items, commonPrefixes };
}

export interface ListVersionsRequest extends Omit<ListRequest, 'after'> {
  keyMarker: string;
  versionIdMarker: string;
}

export interface ListedVersion extends Version {
  isLatest: boolean;
}

/** Returns a page of all versions, newest first within a key. */
export function listVersions(
  bucket: Bucket,
  { prefix, delimiter, keyMarker, versionIdMarker, max }: ListVersionsRequest,
): Omit<Listed<ListedVersion>, 'next'> & { next?: { key: string; versionId: string } } {
  const items: ListedVersion[] = [];
  const commonPrefixes: string[] = [];
  let last = { key: '', versionId: '' };
  // S3 returns no position for a page of none.
  const page = () => ({ items, commonPrefixes, ...(max > 0 ? { next: last } : {}) });
  const resuming = compareUtf8(keyMarker, prefix) > 0;
  for (const key of bucket.keys.after(resuming ? keyMarker : prefix, resuming && versionIdMarker === '')) {
    if (!key.startsWith(prefix)) break;
    const end = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length);
    if (end !== -1) {
      const group = key.slice(0, end + delimiter.length);
      if (group === commonPrefixes.at(-1) || group === keyMarker) continue;
      if (items.length + commonPrefixes.length >= max) return page();
      commonPrefixes.push(group);
      last = { key: group, versionId: '' };
      continue;
    }
    const versions = (bucket.versions.get(key) ?? []).toReversed();
    const marker =
      key === keyMarker ? versions.findIndex(({ versionId }) => versionId === versionIdMarker) : -1;
    for (const [index, version] of versions.entries()) {
      if (index <= marker) continue;
      if (items.length + commonPrefixes.length >= max) return page();
      items.push({ ...version, isLatest: index === 0 });
      last = { key, versionId: version.versionId };
    }
  }
  return { items, commonPrefixes };
}
