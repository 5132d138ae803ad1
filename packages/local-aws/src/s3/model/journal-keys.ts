import type { MultipartUpload } from '../multipart.ts';
import type { Version } from '../version.ts';

/** An upload as stored in the journal. Each part has a separate entry. */
export type StoredUpload = Omit<MultipartUpload, 'parts'>;

export const BUCKETS = 's3/bucket/';
/** In order of sequence within a bucket. */
export const VERSIONS = 's3/version/';
export const UPLOADS = 's3/upload/';
export const PARTS = 's3/part/';

export function bucketKey(name: string): string {
  return `${BUCKETS}${name}`;
}

export function versionKey(bucket: string, { sequence }: Version): string {
  return `${VERSIONS}${bucket}/${String(sequence).padStart(15, '0')}`;
}

export function uploadKey({ id }: StoredUpload): string {
  return `${UPLOADS}${id}`;
}

export function partKey({ id }: StoredUpload, number: number): string {
  return `${PARTS}${id}/${String(number).padStart(5, '0')}`;
}

/** The bucket of a version, or the upload of a part. */
export function ownerIn(journalKey: string): string {
  return journalKey.split('/')[2] ?? '';
}
