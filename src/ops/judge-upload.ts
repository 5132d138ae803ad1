import type { S3Client } from '@aws-sdk/client-s3';
import type { Listed } from './list-objects.ts';
import { longestAttempt, objectStatus, type StatusScope } from './object-status.ts';
import type { ReconciledResults } from './reconciled.ts';

/** An upload with what the other listings have under its key. */
export interface Joined {
  bucket: string;
  upload: Listed;
  report: Listed | undefined;
  /** In the order of the scope's renditions. */
  results: (Listed | undefined)[];
}

/** Where an upload stands, or how to find out; that answers undefined when the upload is gone since it was listed. */
export type Verdict = ReconciledResults | (() => Promise<ReconciledResults | undefined>);

/**
 * Says where an upload stands by the listings, or how to find out where they are in doubt:
 *
 * - A result of the same second as the upload may be of the one before it; so may be any result of an upload in
 *   parts, which is dated when it began.
 *   https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html: Last-Modified
 * - A report that is newer than the results says that something went wrong after them.
 * - A report may be of an attempt that still runs. One that is older than any attempt can last is a failure for sure.
 */
export function judge(s3: S3Client, scope: StatusScope, joined: Joined): Verdict {
  const { upload, report, results } = joined;
  const inParts = upload.etag.includes('-');
  const found = results.filter((result) => result !== undefined);
  const complete = found.length === results.length && found.every(({ at }) => at >= upload.at);
  const reported = report !== undefined && report.at >= upload.at;
  if (!complete && !reported) return entryOf(joined, 'pending');

  const resultsInDoubt = inParts || found.some(({ at }) => at === upload.at || (reported && report.at >= at));
  if (complete && !resultsInDoubt) return entryOf(joined, 'converted');
  const reportInDoubt =
    reported && (inParts || report.at === upload.at || Date.now() - report.at <= longestAttempt(0));
  if (!complete && !reportInDoubt) return entryOf(joined, 'failed');
  return () => ask(s3, scope, joined);
}

/** Asks the objects of an upload; listings only save the requests for what is not there. */
export function verify(s3: S3Client, scope: StatusScope, joined: Joined): Verdict {
  const { report, results } = joined;
  if (report === undefined && results.includes(undefined)) return entryOf(joined, 'pending');
  return () => ask(s3, scope, joined);
}

async function ask(s3: S3Client, scope: StatusScope, joined: Joined): Promise<ReconciledResults | undefined> {
  const object = { bucket: joined.bucket, key: joined.upload.key };
  const status = await objectStatus(s3, scope, object);
  switch (status.status) {
    case 'unknown':
      return undefined;
    case 'pending':
    case 'failed':
      return entryOf(joined, status.status);
    case 'converted':
      return {
        ...entryOf(joined, 'converted'),
        resultBytes: status.results.map(({ bytes }) => bytes),
        stale: status.stale,
      };
  }
}

function entryOf({ bucket, upload, results }: Joined, state: ReconciledResults['state']): ReconciledResults {
  return {
    bucket,
    key: upload.key,
    state,
    uploadedAt: new Date(upload.at),
    bytes: upload.bytes,
    resultBytes: state === 'converted' ? results.map((result) => result?.bytes ?? 0) : [],
  };
}
