import type { S3Client } from '@aws-sdk/client-s3';
import { failureKey } from '../../core/keys.ts';
import { resultLocations } from '../../core/result-locations.ts';
import { RESERVED_PREFIX } from '../../core/reserved-prefixes.ts';
import { lookUpInOrder } from '../ordered-lookups.ts';
import { mergeJoins, openJoin, type JoinedKey } from '../join-listings.ts';
import { locationUnder, type ListingLocation } from '../list-by-key.ts';
import { openListing, type Listed } from '../list-objects.ts';
import type { StatusScope } from '../object-status.ts';
import { confirmReport, confirmResult } from './confirm-orphan.ts';
import { listOutsidePrefixes } from './list-outside-prefixes.ts';
import type { Orphan, Unknown, Uploaded } from './orphan.ts';

type Scope = Pick<
  StatusScope,
  'uploadBuckets' | 'resultBucket' | 'failureBucket' | 'renditions' | 'extensions' | 'rules'
>;

interface OrphanLocation extends ListingLocation {
  confirm(key: string, listed: Listed): Promise<Orphan | Unknown | undefined>;
}

/**
 * Finds results and failure reports whose source is gone, in the order of their uploads' keys. Objects that this
 * pipeline did not make, or not for the source that their key now means, are `unknown`; results and reports with a
 * source are `uploaded`. The data of operations in the failure bucket is left out.
 *
 * It holds two or three pages of each listing, however many keys there are. Listings only name candidates; each is
 * confirmed by requests, first for the object, then for its source (docs/adr/0016).
 * @param options.after only keys after this one
 * @throws the SDK's error if S3 cannot be reached or refuses, or an upload bucket does not exist
 */
export function findOrphans(
  s3: S3Client,
  scope: Scope,
  prefix: string,
  options: { after?: string } = {},
): AsyncGenerator<Orphan | Unknown | Uploaded> {
  const buckets = scope.uploadBuckets.map((bucket) => ({
    bucket,
    locations: locationsOf(s3, scope, bucket),
  }));
  const openAll = () =>
    Promise.all(
      buckets.map(({ bucket, locations }) =>
        openJoin(s3, { leading: locations, following: [locationUnder(bucket)], prefix, ...options }),
      ),
    );
  const lookUp = (
    { key, found }: JoinedKey,
    index: number,
  ): (Uploaded | (() => Promise<Orphan | Unknown | undefined>))[] => {
    const { bucket = '', locations = [] } = buckets[index] ?? {};
    if (found[locations.length] !== undefined) return [{ type: 'uploaded', source: { bucket, key } }];
    return locations.flatMap((location, at) => {
      const listed = found[at];
      if (listed === undefined || isOwn(scope, location.bucket, listed.key)) return [];
      return [() => location.confirm(key, listed)];
    });
  };
  return lookUpInOrder<Orphan | Unknown | Uploaded>(mergeJoins(openAll, lookUp));
}

/** Finds the objects in the result and failure buckets whose keys belong to no source. */
export async function* findOutsiders(s3: S3Client, scope: Scope): AsyncGenerator<Unknown> {
  const all = scope.uploadBuckets.flatMap((bucket) => locationsOf(s3, scope, bucket));
  for (const bucket of [scope.resultBucket, scope.failureBucket]) {
    const locations = all.filter((location) => location.bucket === bucket);
    const prefixes = locations.map(({ prefix }) => prefix);
    for await (const { key } of listOutsidePrefixes(s3, bucket, [...prefixes, ...own(scope, bucket)]))
      yield { type: 'unknown', bucket, key };
    for (const location of locations.filter(({ hasExtensions }) => hasExtensions))
      for await (const key of misnamedIn(s3, location)) yield { type: 'unknown', bucket, key };
  }
}

/** Lists the names that belong to no key, because they do not end with the extension of their upload's results. */
async function* misnamedIn(s3: S3Client, { bucket, prefix, keyOf }: ListingLocation): AsyncGenerator<string> {
  const listing = await openListing(s3, { bucket, prefix });
  for (let { current } = listing; current !== undefined; { current } = listing) {
    if (keyOf(current.key) === undefined) yield current.key;
    await listing.next();
  }
}

/** Returns where the failure reports and results of an upload bucket are stored. */
function locationsOf(s3: S3Client, scope: Scope, bucket: string): OrphanLocation[] {
  const { failureBucket, resultBucket } = scope;
  const candidate = (of: string, source: string, { key }: Listed) => ({
    bucket: of,
    key,
    source: { bucket, key: source },
  });
  return [
    {
      ...locationUnder(failureBucket, failureKey({ bucket, key: '' }, scope)),
      confirm: (key, listed) =>
        confirmReport(s3, { ...candidate(failureBucket, key, listed), bytes: listed.bytes }),
    },
    ...resultLocations(bucket, scope).map((location) => ({
      bucket: resultBucket,
      ...location,
      confirm: (key: string, listed: Listed) => confirmResult(s3, candidate(resultBucket, key, listed)),
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
