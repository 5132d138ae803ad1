import type { Bucket } from '../bucket.ts';
import type { Version } from '../version.ts';
import { versionKey } from './journal-keys.ts';
import { newId, nextSequence, storedAt, type S3State } from './state.ts';

/** Makes a version the newest of its key. */
export function addVersion(state: S3State, bucket: Bucket, version: Version): void {
  // A version without an id replaces the previous version without one.
  const replaced =
    version.versionId === 'null'
      ? bucket.versions.get(version.key)?.find(({ versionId }) => versionId === 'null')
      : undefined;
  // Before the removal, so that the key stays in the bucket and is not indexed again.
  appendVersion(bucket, version);
  if (replaced !== undefined) removeVersion(state, bucket, replaced);
  state.journal.put(versionKey(bucket.name, version), version);
}

export function appendVersion(bucket: Bucket, version: Version): void {
  const versions = bucket.versions.get(version.key);
  if (versions === undefined) {
    bucket.versions.set(version.key, [version]);
    bucket.keys.add(version.key);
  } else versions.push(version);
}

export function removeVersion(state: S3State, bucket: Bucket, version: Version): void {
  const left = (bucket.versions.get(version.key) ?? []).filter((each) => each !== version);
  if (left.length === 0) bucket.versions.delete(version.key);
  else bucket.versions.set(version.key, left);
  state.journal.del(versionKey(bucket.name, version));
  state.release(version.segments);
}

/** Makes a delete marker the newest version of a key. */
export function addMarker(state: S3State, bucket: Bucket, key: string): Version {
  markDeleted(state, bucket, key);
  const marker: Version = {
    key,
    sequence: nextSequence(state),
    versionId: newVersionId(state, bucket),
    deleteMarker: true,
    lastModified: storedAt(state),
    segments: [],
    bytes: 0,
    etag: '',
    headers: {},
    metadata: {},
  };
  addVersion(state, bucket, marker);
  return marker;
}

export function newVersionId(state: S3State, bucket: Bucket): string {
  return bucket.settings.versioning === 'Enabled' ? newId(state) : 'null';
}

/** Tells writes in progress that their key was deleted. */
export function markDeleted({ pending }: S3State, bucket: Bucket, key: string): void {
  for (const write of pending)
    if (write.bucket === bucket.name && write.key === key) write.deletedSince = true;
}
