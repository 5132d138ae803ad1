import type { ObjectRef } from './object-ref.ts';

/** How many upload buckets and renditions there are decides which names a key needs to stay unique. */
export interface Namespace {
  uploadBuckets: readonly string[];
  /** Names. */
  renditions: readonly string[];
}

/**
 * The key of a rendition's result: `[{rendition}/][{bucket}/]{key}`, the parts in brackets only where there are
 * several. Injective, because neither rendition names nor bucket names contain a slash.
 */
export function resultKey(object: ObjectRef, rendition: string, namespace: Namespace): string {
  const prefix = namespace.renditions.length > 1 ? `${rendition}/` : '';
  return prefix + failureKey(object, namespace);
}

/** The keys of an upload's results, in the order of the renditions. */
export function resultKeys(object: ObjectRef, namespace: Namespace): string[] {
  return namespace.renditions.map((rendition) => resultKey(object, rendition, namespace));
}

/** The key of the failure report: `[{bucket}/]{key}`. */
export function failureKey(object: ObjectRef, namespace: Pick<Namespace, 'uploadBuckets'>): string {
  return namespace.uploadBuckets.length > 1 ? `${object.bucket}/${object.key}` : object.key;
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
