import type { ObjectRef } from './object-ref.ts';

/** Upload buckets whose keys share a bucket. If there are several, their names keep keys unique. */
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

/** Returns whether a key is too long for S3, which a prefix can cause. */
export function isTooLong(key: string): boolean {
  return utf8Bytes(key) > MAX_KEY_BYTES;
}

/** Prefix of the keys of uploads through the API. */
export const BATCHES_PREFIX = 'batches/';
