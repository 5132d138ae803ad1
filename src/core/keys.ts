import type { ObjectRef } from './object-ref.ts';

/** Whose keys share a bucket: with several upload buckets, their names keep keys unique. */
export interface Sources {
  uploadBuckets: readonly string[];
}

/** The key of the failure report: `[{bucket}/]{key}`. */
export function failureKey(object: ObjectRef, { uploadBuckets }: Sources): string {
  return uploadBuckets.length > 1 ? `${object.bucket}/${object.key}` : object.key;
}

/** S3 allows keys of 1 to this many bytes of UTF-8. */
export const MAX_KEY_BYTES = 1024;

export function utf8Bytes(text: string): number {
  return new TextEncoder().encode(text).byteLength;
}

/** Whether S3 would refuse a key: what is put before an upload's key can make it so. */
export function isTooLong(key: string): boolean {
  return utf8Bytes(key) > MAX_KEY_BYTES;
}

/** What the keys of uploads through the API begin with. */
export const BATCHES_PREFIX = 'batches/';
