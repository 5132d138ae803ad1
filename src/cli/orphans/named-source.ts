import { sourceNameOf, type ResultMetadata } from '../../core/result-metadata.ts';
import type { Orphan } from '../../ops/orphans/orphan.ts';

/**
 * Returns the upload that a result's metadata names. The metadata contains only a hash, so this compares it with each
 * upload that could have this result's key under any rules: with or without the rendition and the bucket before the
 * upload's key, and an extension after it.
 */
export function namedSource(
  key: string,
  { sourceName }: Pick<ResultMetadata, 'sourceName'>,
  uploadBuckets: readonly string[],
): Orphan['source'] | undefined {
  return uploadBuckets
    .flatMap((bucket) => candidates(key, bucket).map((each) => ({ bucket, key: each })))
    .find((source) => sourceNameOf(source) === sourceName);
}

/** Returns the keys in a bucket whose result could have this key. */
export function candidates(key: string, bucket: string): string[] {
  const parts = [key, key.slice(key.indexOf('/') + 1)];
  const inBucket = parts.flatMap((part) => [
    part,
    ...(part.startsWith(`${bucket}/`) ? [part.slice(bucket.length + 1)] : []),
  ]);
  return [...new Set(inBucket.flatMap((part) => [part, part.replace(/\.[^./]*$/, '')]))].filter(
    (each) => each !== '',
  );
}
