import type { S3Client } from '@aws-sdk/client-s3';
import { failureKey, resultKey } from '../core/keys.ts';
import { compareUtf8 } from '../core/utf8-order.ts';
import { inOrder } from './in-order.ts';
import { judge, type Joined } from './judge-upload.ts';
import { openListing, type Listed, type Listing } from './list-objects.ts';
import type { Reconciled, ReconciledResults, ReconcileScope } from './reconciled.ts';

export type { Reconciled, ReconcileScope };

/**
 * Joins uploads, results and failure reports below a prefix, in key order. Yields one entry an upload.
 *
 * It holds two pages of each listing and a window of doubtful entries, however many keys there are. What a listing
 * cannot tell is asked for by single requests, see `judge`.
 * @param options.after only keys after this one
 * @throws the SDK's error when S3 cannot be reached or refuses
 */
export async function* reconcile(
  s3: S3Client,
  deployment: ReconcileScope,
  prefix: string,
  options: { after?: string } = {},
): AsyncGenerator<ReconciledResults> {
  const joins = await Promise.all(
    deployment.uploadBuckets.map((bucket) => openJoin(s3, deployment, { bucket, prefix, ...options })),
  );
  yield* inOrder(merge(joins, s3, deployment));
}

async function* merge(joins: Join[], s3: S3Client, scope: ReconcileScope) {
  for (;;) {
    const first = joins.reduce<Join | undefined>((least, join) => {
      if (join.uploads.current === undefined) return least;
      const before = least?.uploads.current;
      return before === undefined || compareUtf8(join.uploads.current.key, before.key) < 0 ? join : least;
    }, undefined);
    if (first === undefined) return;
    yield judge(s3, scope, await first.take());
  }
}

interface Join {
  uploads: Listing;
  /** The current upload with what belongs to it; goes on to the next one. */
  take(): Promise<Joined>;
}

async function openJoin(
  s3: S3Client,
  { uploadBuckets, resultBucket, failureBucket, renditions }: ReconcileScope,
  { bucket, prefix, after }: { bucket: string; prefix: string; after?: string },
): Promise<Join> {
  const namespace = { uploadBuckets, renditions: renditions.map((name) => ({ name })) };
  /** The same keys in another bucket, behind what its namespace puts before them. */
  const open = async (Bucket: string, nameOf: (key: string) => string) => {
    const request = { bucket: Bucket, prefix: nameOf(prefix) };
    const listing = await openListing(
      s3,
      after === undefined ? request : { ...request, after: nameOf(after) },
    );
    return { listing, before: nameOf('').length };
  };
  const [uploads, reports, ...results] = await Promise.all([
    open(bucket, (key) => key),
    open(failureBucket, (key) => failureKey({ bucket, key }, namespace)),
    ...renditions.map((name) => open(resultBucket, (key) => resultKey({ bucket, key }, name, namespace))),
  ]);
  return {
    uploads: uploads.listing,
    async take() {
      const upload = uploads.listing.current;
      if (upload === undefined) throw new Error('there is no upload left');
      const found: (Listed | undefined)[] = [];
      for (const { listing, before } of [reports, ...results]) {
        const waiting = seek(listing, upload.key, before);
        found.push(waiting instanceof Promise ? await waiting : waiting);
      }
      const turning = uploads.listing.next();
      if (turning !== undefined) await turning;
      const [report, ...ofRenditions] = found;
      return { bucket, upload, report, results: ofRenditions };
    },
  };
}

/** Goes on to the first key that is not before the wanted one, and answers it if it is the wanted one. */
function seek(
  listing: Listing,
  wanted: string,
  before: number,
): Listed | undefined | Promise<Listed | undefined> {
  for (let { current } = listing; current !== undefined; { current } = listing) {
    const order = compareUtf8(current.key.slice(before), wanted);
    if (order > 0) return undefined;
    if (order === 0) return current;
    const turning = listing.next();
    if (turning !== undefined) return turning.then(() => seek(listing, wanted, before));
  }
  return undefined;
}
