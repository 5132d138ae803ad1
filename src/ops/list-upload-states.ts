import type { S3Client } from '@aws-sdk/client-s3';
import { ignoringUploads } from '../core/ignored.ts';
import { failureKey } from '../core/keys.ts';
import { renditionsOf } from '../core/result-keys.ts';
import { resultLocations } from '../core/result-locations.ts';
import { lookUpInOrder } from './ordered-lookups.ts';
import { locationUnder } from './list-by-key.ts';
import { mergeJoins, openJoin, type JoinedKey } from './join-listings.ts';
import { entryOf, stateByListings, stateByObjects } from './state-from-listings.ts';
import type { StatusScope } from './object-status.ts';
import type { Basis, UploadState, UploadStateWithBytes } from './upload-state.ts';

export type { Basis, UploadState };

/**
 * Joins uploads, results and failure reports with a prefix, in key order. Yields one entry per upload.
 *
 * It holds two or three pages of each listing and a window of lookups, however many keys there are.
 * @param options.after only keys after this one
 * @param options.basis `listings` by default: requests only for objects that the listings leave in doubt, see
 *   `stateByListings`.
 *   `objects`: requests for each upload that may have a result or a report
 * @throws the SDK's error if S3 cannot be reached or refuses
 */
export function listUploadStates(
  s3: S3Client,
  deployment: StatusScope,
  prefix: string,
  { basis = 'listings', ...options }: { after?: string; basis?: Basis } = {},
): AsyncGenerator<UploadStateWithBytes> {
  const stateOf = { listings: stateByListings, objects: stateByObjects }[basis];
  const { uploadBuckets, resultBucket, failureBucket } = deployment;
  const locations = uploadBuckets.map((bucket) => resultLocations(bucket, deployment));
  const listed = locations[0]?.map(({ rendition }) => rendition) ?? [];
  const isIgnored = ignoringUploads(deployment.ignore);
  const openAll = () =>
    Promise.all(
      uploadBuckets.map((bucket, index) =>
        openJoin(s3, {
          leading: [locationUnder(bucket)],
          following: [
            locationUnder(failureBucket, failureKey({ bucket, key: '' }, deployment)),
            ...(locations[index] ?? []).map((location) => ({ bucket: resultBucket, ...location })),
          ],
          prefix,
          ...options,
        }),
      ),
    );
  /** Returns an upload's results in the order of its renditions. With a single listing, an upload has one result. */
  const resultsOf = (key: string, found: JoinedKey['found']) =>
    renditionsOf(key, deployment).map((name) => found[Math.max(0, listed.indexOf(name))]);
  const entriesOf = ({ found: [upload, report, ...found] }: JoinedKey, index: number) => {
    const bucket = uploadBuckets[index];
    if (upload === undefined || bucket === undefined) return [];
    const joined = { bucket, upload, report, results: resultsOf(upload.key, found) };
    return [isIgnored(upload) ? entryOf(joined, 'ignored') : stateOf(s3, deployment, joined)];
  };
  return lookUpInOrder(mergeJoins(openAll, entriesOf));
}
