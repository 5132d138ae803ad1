import type { S3Client } from '@aws-sdk/client-s3';
import type { Listed } from './list-objects.ts';
import { longestAttempt, objectStatus, type StatusScope } from './object-status.ts';
import type { UploadStateWithBytes } from './upload-state.ts';

/** An upload with the objects of the other listings for its key. */
export interface Joined {
  bucket: string;
  upload: Listed;
  report: Listed | undefined;
  /** In the order of the upload's renditions. */
  results: (Listed | undefined)[];
}

/**
 * An upload's state, or a function that looks it up and returns undefined if the upload was deleted since the listing.
 */
export type StateOrLookup = UploadStateWithBytes | (() => Promise<UploadStateWithBytes | undefined>);

/**
 * Returns an upload's state according to the listings, or a function that looks it up if the listings leave it in
 * doubt:
 *
 * - A result of the same second as the upload may derive from the previous upload. So may any result of a multipart
 *   upload, which is dated when it began.
 *   https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html: Last-Modified
 * - A report beside results means that something failed after them, or that they are late results of the previous
 * upload, whose conversion took longer.
 * - A report may be from an attempt that is still running. A report older than the longest attempt is certainly a
 * failure.
 */
export function stateByListings(s3: S3Client, scope: StatusScope, joined: Joined): StateOrLookup {
  const { upload, report, results } = joined;
  const inParts = upload.etag.includes('-');
  const found = results.filter((result) => result !== undefined);
  const complete = found.length === results.length && found.every(({ at }) => at >= upload.at);
  const reported = report !== undefined && report.at >= upload.at;
  if (!complete && !reported) return entryOf(joined, 'pending');

  const resultsInDoubt = inParts || reported || found.some(({ at }) => at === upload.at);
  if (complete && !resultsInDoubt) return entryOf(joined, 'converted');
  const reportInDoubt =
    reported && (inParts || report.at === upload.at || Date.now() - report.at <= longestAttempt(0));
  if (!complete && !reportInDoubt) return entryOf(joined, 'failed');
  return () => ask(s3, scope, joined);
}

/** Checks the objects of an upload; listings only save the requests for objects that do not exist. */
export function stateByObjects(s3: S3Client, scope: StatusScope, joined: Joined): StateOrLookup {
  const { report, results } = joined;
  if (report === undefined && results.includes(undefined)) return entryOf(joined, 'pending');
  return () => ask(s3, scope, joined);
}

async function ask(
  s3: S3Client,
  scope: StatusScope,
  joined: Joined,
): Promise<UploadStateWithBytes | undefined> {
  const object = { bucket: joined.bucket, key: joined.upload.key };
  const status = await objectStatus(s3, scope, object);
  switch (status.status) {
    case 'unknown':
      return undefined;
    case 'failed':
    case 'ignored':
      return entryOf(joined, status.status);
    case 'pending':
      return { ...entryOf(joined, 'pending'), ...(status.attempting ? { attempting: true } : {}) };
    case 'converted':
      return {
        ...entryOf(joined, 'converted'),
        resultBytes: status.results.map(({ bytes }) => bytes),
        stale: status.stale,
      };
  }
}

/** Returns an entry for an upload whose state needs no request. */
export function entryOf(
  { bucket, upload, results }: Joined,
  state: UploadStateWithBytes['state'],
): UploadStateWithBytes {
  return {
    bucket,
    key: upload.key,
    state,
    uploadedAt: new Date(upload.at),
    bytes: upload.bytes,
    resultBytes: state === 'converted' ? results.map((result) => result?.bytes ?? 0) : [],
  };
}
