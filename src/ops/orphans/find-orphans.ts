import type { S3Client } from '@aws-sdk/client-s3';
import { failureKey } from '../../core/keys.ts';
import { listedRenditions, renditionsOf, resultKey } from '../../core/result-keys.ts';
import { RESERVED_PREFIX } from '../../core/reserved-prefixes.ts';
import { lookedUpInOrder } from '../ordered-lookups.ts';
import { mergeJoins, openJoin, type JoinedKey, type ListedPlace } from '../join-listings.ts';
import type { StatusScope } from '../object-status.ts';
import { confirmReport, confirmResult } from './confirm-orphan.ts';
import { listOutsidePrefixes } from './list-outside-prefixes.ts';
import type { Orphan, Unknown, Uploaded } from './orphan.ts';

type Scope = Pick<StatusScope, 'uploadBuckets' | 'resultBucket' | 'failureBucket' | 'renditions' | 'rules'>;

interface OrphanPlace extends ListedPlace {
  confirm(key: string, bytes: number): Promise<Orphan | Unknown | undefined>;
}

/**
 * Finds results and failure reports whose source is gone, by the keys of their uploads, in order. Objects that this
 * pipeline did not make, or not for the source that their key means now, come as `unknown`, and results and reports with
 * their source as `uploaded`. What operations keep in the failure bucket is left out.
 *
 * It holds two pages of each listing, however many keys there are. Listings only name candidates; each is confirmed
 * by requests, first for the object, then for its source (docs/adr/0016).
 * @param options.after only keys after this one
 * @throws the SDK's error when S3 cannot be reached or refuses, or an upload bucket does not exist
 */
export function findOrphans(
  s3: S3Client,
  scope: Scope,
  prefix: string,
  options: { after?: string } = {},
): AsyncGenerator<Orphan | Unknown | Uploaded> {
  const buckets = scope.uploadBuckets.map((bucket) => ({ bucket, places: placesOf(s3, scope, bucket) }));
  const openAll = () =>
    Promise.all(
      buckets.map(({ bucket, places }) =>
        openJoin(s3, { leading: places, following: [{ bucket, nameOf: (key) => key }], prefix, ...options }),
      ),
    );
  const lookUp = (
    { key, found }: JoinedKey,
    index: number,
  ): (Uploaded | (() => Promise<Orphan | Unknown | undefined>))[] => {
    const { bucket = '', places = [] } = buckets[index] ?? {};
    if (found[places.length] !== undefined) return [{ type: 'uploaded', source: { bucket, key } }];
    return places.flatMap((place, at) => {
      const listed = found[at];
      if (listed === undefined || isOwn(scope, place.bucket, listed.key)) return [];
      return [() => place.confirm(key, listed.bytes)];
    });
  };
  return lookedUpInOrder<Orphan | Unknown | Uploaded>(mergeJoins(openAll, lookUp));
}

/** Finds the objects of the result and failure buckets whose keys mean no source. */
export async function* findOutsiders(s3: S3Client, scope: Scope): AsyncGenerator<Unknown> {
  const all = scope.uploadBuckets.flatMap((bucket) => placesOf(s3, scope, bucket));
  for (const bucket of [scope.resultBucket, scope.failureBucket]) {
    const places = all.filter((place) => place.bucket === bucket);
    for await (const { key } of listOutsidePrefixes(s3, bucket, [
      ...places.map(({ nameOf }) => nameOf('')),
      ...own(scope, bucket),
    ]))
      yield { type: 'unknown', bucket, key };
  }
}

/** Where the failure report and the results of an upload bucket's objects lie. */
function placesOf(s3: S3Client, scope: Scope, bucket: string): OrphanPlace[] {
  const listed = listedRenditions(scope);
  const isOnly = listed.length === 1;
  const reportName = (key: string) => failureKey({ bucket, key }, scope);
  return [
    {
      bucket: scope.failureBucket,
      nameOf: reportName,
      confirm: (key, bytes) =>
        confirmReport(s3, {
          bucket: scope.failureBucket,
          key: reportName(key),
          source: { bucket, key },
          bytes,
        }),
    },
    ...listed.map((rendition) => {
      const resultName = (key: string) => resultKey({ bucket, key }, rendition, scope);
      return {
        bucket: scope.resultBucket,
        nameOf: resultName,
        confirm: (key: string) =>
          confirmResult(
            s3,
            { bucket: scope.resultBucket, key: resultName(key), source: { bucket, key } },
            // One listing is of the only result of each upload, whatever its name.
            isOnly ? (renditionsOf(key, scope)[0] ?? rendition) : rendition,
          ),
      };
    }),
  ];
}

/** Prefixes of a bucket below which nothing is an upload's. */
function own({ failureBucket }: Scope, bucket: string): string[] {
  return bucket === failureBucket ? [RESERVED_PREFIX] : [];
}

function isOwn(scope: Scope, bucket: string, key: string): boolean {
  return own(scope, bucket).some((prefix) => key.startsWith(prefix));
}
