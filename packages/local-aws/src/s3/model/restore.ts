import { createBucket, type Bucket } from '../bucket.ts';
import type { Part } from '../multipart.ts';
import type { Version } from '../version.ts';
import { BUCKETS, ownerIn, PARTS, UPLOADS, VERSIONS, type StoredUpload } from './journal-keys.ts';
import type { S3State } from './state.ts';
import { appendVersion } from './versions.ts';

/** Loads the state that an earlier process stored. */
export async function restore(state: S3State): Promise<void> {
  const { journal, buckets, uploads } = state;
  for await (const [, value] of journal.entries(BUCKETS)) {
    const { name, createdAt, settings } = value as Pick<Bucket, 'name' | 'createdAt' | 'settings'>;
    buckets.set(name, createBucket(name, createdAt, settings));
  }
  // In order of sequence within a bucket, so the newest of each key comes last.
  for await (const [journalKey, value] of journal.entries(VERSIONS)) {
    const version = value as Version;
    const bucket = buckets.get(ownerIn(journalKey));
    if (bucket === undefined) continue;
    appendVersion(bucket, version);
    state.sequence = Math.max(state.sequence, version.sequence);
    state.latest = Math.max(state.latest, version.lastModified);
  }
  for await (const [, value] of journal.entries(UPLOADS)) {
    const stored = value as StoredUpload;
    uploads.set(stored.id, { ...stored, parts: new Map() });
  }
  for await (const [journalKey, value] of journal.entries(PARTS)) {
    const part = value as Part;
    uploads.get(ownerIn(journalKey))?.parts.set(part.number, part);
  }
}
