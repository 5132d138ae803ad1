import type { S3Client } from '@aws-sdk/client-s3';
import { defined } from '../../core/defined.ts';
import { resultKeys, type Namespace } from '../../core/result-keys.ts';
import { readResultMetadata } from '../../core/result-metadata.ts';
import { versionIdOf } from '../../core/source.ts';
import { openListing } from '../../ops/list-objects.ts';
import { head } from '../../ops/object-status.ts';
import { lookUpInOrder } from '../../ops/ordered-lookups.ts';
import { candidates, namedSource } from './named-source.ts';
import type { Former, Unknown } from '../../ops/orphans/orphan.ts';

type Scope = Namespace & { resultBucket: string };
type Found = Former | Unknown;

/** Lookups per chunk. */
const CHUNK = 500;

/**
 * Finds this pipeline's results under names that the present rules do not give: a former configuration named them.
 * Yields objects whose upload is not known as `unknown`. Takes one request per object in the result bucket, because
 * only the metadata names the upload.
 * @param prefix of the uploads' keys
 * @throws the SDK's error if S3 cannot be reached or refuses
 */
export function findFormer(s3: S3Client, scope: Scope, prefix: string): AsyncGenerator<Found> {
  const { resultBucket: bucket, uploadBuckets } = scope;
  const canHavePrefix = (key: string) =>
    uploadBuckets.some((each) => candidates(key, each).some((source) => source.startsWith(prefix)));

  async function lookUp(key: string): Promise<Found | undefined> {
    const result = await head(s3, bucket, key);
    if (result === undefined) return undefined;
    const metadata = readResultMetadata(result.Metadata);
    const source = metadata && namedSource(key, metadata, uploadBuckets);
    if (source === undefined) return { type: 'unknown', bucket, key };
    if (!source.key.startsWith(prefix) || resultKeys(source, scope).includes(key)) return undefined;
    const { ETag: etag = '', ContentLength: bytes = 0, VersionId } = result;
    const { rendition = '' } = metadata ?? {};
    const versionId = versionIdOf(VersionId);
    return defined({
      type: 'former',
      kind: 'result',
      bucket,
      key,
      source,
      rendition,
      bytes,
      etag,
      versionId,
    });
  }

  async function* chunks(): AsyncGenerator<(() => Promise<Found | undefined>)[]> {
    const listing = await openListing(s3, { bucket, prefix: '' });
    let chunk: (() => Promise<Found | undefined>)[] = [];
    for (let { current } = listing; current !== undefined; { current } = listing) {
      const { key } = current;
      if (canHavePrefix(key)) chunk.push(() => lookUp(key));
      if (chunk.length === CHUNK) {
        yield chunk;
        chunk = [];
      }
      await listing.next();
    }
    yield chunk;
  }

  return lookUpInOrder<Found>(chunks());
}
