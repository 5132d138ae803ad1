import type { S3Client } from '@aws-sdk/client-s3';
import { failureKey, resultKey } from '../core/keys.ts';
import { compareUtf8 } from '../core/utf8-order.ts';
import { inOrder } from './in-order.ts';
import { judge, verify, type Joined } from './judge-upload.ts';
import { openListing, type Listed, type Listing } from './list-objects.ts';
import type { StatusScope } from './object-status.ts';
import type { Basis, Reconciled, ReconciledResults } from './reconciled.ts';

export type { Basis, Reconciled };

/**
 * Joins uploads, results and failure reports below a prefix, in key order. Yields one entry an upload.
 *
 * It holds two pages of each listing and a window of entries that are asked for, however many keys there are.
 * @param options.after only keys after this one
 * @param options.basis `listings` if left out: single requests only where the listings are in doubt, see `judge`.
 *   `objects`: requests for each upload that may have a result or a report
 * @throws the SDK's error when S3 cannot be reached or refuses
 */
export function reconcile(
  s3: S3Client,
  deployment: StatusScope,
  prefix: string,
  { basis = 'listings', ...options }: { after?: string; basis?: Basis } = {},
): AsyncGenerator<ReconciledResults> {
  const say = { listings: judge, objects: verify }[basis];
  const judgeEach = (joined: Joined) => say(s3, deployment, joined);
  const openAll = () =>
    Promise.all(
      deployment.uploadBuckets.map((bucket) => openJoin(s3, deployment, { bucket, prefix, ...options })),
    );
  return inOrder(merge(openAll, judgeEach));
}

/** Some at a time: a turn of the event loop for each of a million keys would cost more than the join. */
const CHUNK = 500;

async function* merge<T>(
  openAll: () => Promise<Join[]>,
  judgeEach: (joined: Joined) => T,
): AsyncGenerator<T[]> {
  const joins = await openAll();
  let chunk: T[] = [];
  for (let join = leastOf(joins); join !== undefined; join = leastOf(joins)) {
    const taken = join.take();
    chunk.push(judgeEach(taken instanceof Promise ? await taken : taken));
    if (chunk.length < CHUNK) continue;
    yield chunk;
    chunk = [];
  }
  yield chunk;
}

/** The one whose current upload comes first. */
function leastOf(joins: Join[]): Join | undefined {
  let least: Join | undefined;
  for (const join of joins) {
    const { current } = join.uploads;
    if (current === undefined) continue;
    const before = least?.uploads.current;
    if (before === undefined || compareUtf8(current.key, before.key) < 0) least = join;
  }
  return least;
}

interface Join {
  uploads: Listing;
  /** The current upload with what belongs to it; goes on to the next one. */
  take(): Joined | Promise<Joined>;
}

async function openJoin(
  s3: S3Client,
  { uploadBuckets, resultBucket, failureBucket, renditions }: StatusScope,
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
    take() {
      const upload = uploads.listing.current;
      if (upload === undefined) throw new Error('there is no upload left');
      const found = [reports, ...results].map(({ listing, before }) => seek(listing, upload.key, before));
      const turning = uploads.listing.next();
      const joined = ([report, ...ofRenditions]: (Listed | undefined)[]): Joined => {
        return { bucket, upload, report, results: ofRenditions };
      };
      if (turning === undefined && found.every(isHere)) return joined(found);
      const waiting = found.map((each) => Promise.resolve(each));
      return Promise.all([Promise.all(waiting), Promise.resolve(turning)]).then(([all]) => joined(all));
    },
  };
}

function isHere(found: Listed | undefined | Promise<Listed | undefined>): found is Listed | undefined {
  return !(found instanceof Promise);
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
