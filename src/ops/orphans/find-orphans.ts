import type { S3Client } from '@aws-sdk/client-s3';
import { failureKey } from '../../core/keys.ts';
import { resultPlaces } from '../../core/result-places.ts';
import { RESERVED_PREFIX } from '../../core/reserved-prefixes.ts';
import { lookedUpInOrder } from '../ordered-lookups.ts';
import { mergeJoins, openJoin, type JoinedKey } from '../join-listings.ts';
import { placeUnder, type ListedPlace } from '../list-by-key.ts';
import { openListing, type Listed } from '../list-objects.ts';
import type { StatusScope } from '../object-status.ts';
import { confirmReport, confirmResult } from './confirm-orphan.ts';
import { listOutsidePrefixes } from './list-outside-prefixes.ts';
import type { Orphan, Unknown, Uploaded } from './orphan.ts';

type Scope = Pick<
  StatusScope,
  'uploadBuckets' | 'resultBucket' | 'failureBucket' | 'renditions' | 'extensions' | 'rules'
>;

interface OrphanPlace extends ListedPlace {
  confirm(key: string, listed: Listed): Promise<Orphan | Unknown | undefined>;
}

/**
 * Finds results and failure reports whose source is gone, by the keys of their uploads, in order. Objects that this
 * pipeline did not make, or not for the source that their key means now, come as `unknown`, and results and reports with
 * their source as `uploaded`. What operations keep in the failure bucket is left out.
 *
 * It holds two or three pages of each listing, however many keys there are. Listings only name candidates; each is confirmed
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
        openJoin(s3, { leading: places, following: [placeUnder(bucket)], prefix, ...options }),
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
      return [() => place.confirm(key, listed)];
    });
  };
  return lookedUpInOrder<Orphan | Unknown | Uploaded>(mergeJoins(openAll, lookUp));
}

/** Finds the objects in the result and failure buckets whose keys belong to no source. */
export async function* findOutsiders(s3: S3Client, scope: Scope): AsyncGenerator<Unknown> {
  const all = scope.uploadBuckets.flatMap((bucket) => placesOf(s3, scope, bucket));
  for (const bucket of [scope.resultBucket, scope.failureBucket]) {
    const places = all.filter((place) => place.bucket === bucket);
    const prefixes = places.map(({ prefix }) => prefix);
    for await (const { key } of listOutsidePrefixes(s3, bucket, [...prefixes, ...own(scope, bucket)]))
      yield { type: 'unknown', bucket, key };
    for (const place of places.filter(({ hasExtensions }) => hasExtensions))
      for await (const key of misnamedIn(s3, place)) yield { type: 'unknown', bucket, key };
  }
}

/** Lists the names that belong to no key, because they do not end with the extension of their upload's results. */
async function* misnamedIn(s3: S3Client, { bucket, prefix, keyOf }: ListedPlace): AsyncGenerator<string> {
  const listing = await openListing(s3, { bucket, prefix });
  for (let { current } = listing; current !== undefined; { current } = listing) {
    if (keyOf(current.key) === undefined) yield current.key;
    await listing.next();
  }
}

/** Returns where the failure reports and results of an upload bucket are stored. */
function placesOf(s3: S3Client, scope: Scope, bucket: string): OrphanPlace[] {
  const { failureBucket, resultBucket } = scope;
  const candidate = (of: string, source: string, { key }: Listed) => ({
    bucket: of,
    key,
    source: { bucket, key: source },
  });
  return [
    {
      ...placeUnder(failureBucket, failureKey({ bucket, key: '' }, scope)),
      confirm: (key, listed) =>
        confirmReport(s3, { ...candidate(failureBucket, key, listed), bytes: listed.bytes }),
    },
    ...resultPlaces(bucket, scope).map((place) => ({
      bucket: resultBucket,
      ...place,
      confirm: (key: string, listed: Listed) =>
        confirmResult(
          s3,
          candidate(resultBucket, key, listed),
          // Under another rule, the upload may have had a result that it has no more.
          place.renditionOf(key) ?? place.rendition,
        ),
    })),
  ];
}

/** Prefixes under which no object belongs to an upload. */
function own({ failureBucket }: Scope, bucket: string): string[] {
  return bucket === failureBucket ? [RESERVED_PREFIX] : [];
}

function isOwn(scope: Scope, bucket: string, key: string): boolean {
  return own(scope, bucket).some((prefix) => key.startsWith(prefix));
}
