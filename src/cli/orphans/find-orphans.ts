import type { S3Client } from '@aws-sdk/client-s3';
import { failureKey } from '../../core/keys.ts';
import { listedRenditions, renditionsOf, resultKey } from '../../core/result-keys.ts';
import { RESERVED_PREFIX } from '../../core/reserved-prefixes.ts';
import { lookedUpInOrder } from '../../ops/ordered-lookups.ts';
import { mergeJoins, openJoin, type JoinedKey, type ListedPlace } from '../../ops/join-listings.ts';
import type { StatusScope } from '../../ops/object-status.ts';
import { lookAtReport, lookAtResult } from './look.ts';
import { listElsewhere } from './list-elsewhere.ts';
import type { Orphan, Unknown } from './orphan.ts';

type Scope = Pick<StatusScope, 'uploadBuckets' | 'resultBucket' | 'failureBucket' | 'renditions' | 'rules'>;

interface OrphanPlace extends ListedPlace {
  look(key: string, bytes: number): Promise<Orphan | Unknown | undefined>;
}

/**
 * Finds results and failure reports whose source is gone, by the keys of their uploads, in order. Objects that this
 * pipeline did not make, or not for the source that their key means now, come as `unknown`; without a prefix also
 * those under keys that mean no source. What operations keep in the failure bucket is left out.
 *
 * It holds two pages of each listing, however many keys there are. Listings only name candidates; each is confirmed
 * by requests, first for the object, then for its source (docs/adr/0016).
 * @throws the SDK's error when S3 cannot be reached or refuses, or an upload bucket does not exist
 */
export async function* findOrphans(
  s3: S3Client,
  scope: Scope,
  prefix: string,
): AsyncGenerator<Orphan | Unknown> {
  const buckets = scope.uploadBuckets.map((bucket) => ({ bucket, places: placesOf(s3, scope, bucket) }));
  const openAll = () =>
    Promise.all(
      buckets.map(({ bucket, places }) =>
        openJoin(s3, { leading: places, following: [{ bucket, nameOf: (key) => key }], prefix }),
      ),
    );
  const lookUp = ({ key, found }: JoinedKey, index: number) => {
    const { places = [] } = buckets[index] ?? {};
    if (found[places.length] !== undefined) return [];
    return places.flatMap((place, at) => {
      const listed = found[at];
      if (listed === undefined || isOwn(scope, place.bucket, listed.key)) return [];
      return [() => place.look(key, listed.bytes)];
    });
  };
  yield* lookedUpInOrder(mergeJoins(openAll, lookUp));
  if (prefix !== '') return;
  for (const bucket of [scope.resultBucket, scope.failureBucket]) {
    const places = buckets.flatMap((each) => each.places).filter((place) => place.bucket === bucket);
    for await (const { key } of listElsewhere(s3, bucket, [
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
      look: (key, bytes) =>
        lookAtReport(s3, {
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
        look: (key: string) =>
          lookAtResult(
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
