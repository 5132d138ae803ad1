import type { S3Client } from '@aws-sdk/client-s3';
import { failureKey, resultKey } from '../core/keys.ts';
import { readResultMetadata } from '../core/result-metadata.ts';
import type { Listed } from './list-objects.ts';
import { head, isOver, longestAttempt, readReport } from './object-status.ts';
import type { ReconciledResults, ReconcileScope } from './reconciled.ts';

/** An upload with what the other listings have under its key. */
export interface Joined {
  bucket: string;
  upload: Listed;
  report: Listed | undefined;
  /** In the order of the scope's renditions. */
  results: (Listed | undefined)[];
}

/**
 * Where an upload stands, from the listings where they can tell. Where they cannot, answers how to find out:
 *
 * - A result of the same second as the upload may be of the one before it; so may be any result of an upload in
 *   parts, which is dated when it began. The result's metadata names the ETag of its source.
 *   https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html: Last-Modified
 * - A report that is newer than the results says that something went wrong after them: then they are asked too.
 * - A report may be of an attempt that still runs. One that is older than any attempt can last is a failure for sure.
 */
export function judge(
  s3: S3Client,
  scope: ReconcileScope,
  joined: Joined,
): ReconciledResults | (() => Promise<ReconciledResults>) {
  const { bucket, upload, report, results } = joined;
  const entry = (state: ReconciledResults['state']): ReconciledResults => ({
    bucket,
    key: upload.key,
    state,
    uploadedAt: new Date(upload.at),
    bytes: upload.bytes,
    resultBytes: state === 'converted' ? results.map((result) => result?.bytes ?? 0) : [],
  });
  const inParts = upload.etag.includes('-');
  const found = results.filter((result) => result !== undefined);
  const complete = found.length === results.length && found.every(({ at }) => at >= upload.at);
  const reported = report !== undefined && report.at >= upload.at;
  if (!complete && !reported) return entry('pending');

  const resultsInDoubt = inParts || found.some(({ at }) => at === upload.at || (reported && report.at >= at));
  if (complete && !resultsInDoubt) return entry('converted');
  const reportInDoubt =
    reported && (inParts || report.at === upload.at || Date.now() - report.at <= longestAttempt(0));
  if (!complete && !reportInDoubt) return entry('failed');

  return async () => {
    if (complete && (await allDeriveFrom(s3, scope, joined))) return entry('converted');
    if (!reported) return entry('pending');
    if (!reportInDoubt) return entry('failed');
    return entry((await tellsOfFailure(s3, scope, joined)) ? 'failed' : 'pending');
  };
}

async function allDeriveFrom(
  s3: S3Client,
  { uploadBuckets, resultBucket, renditions }: ReconcileScope,
  { bucket, upload }: Joined,
): Promise<boolean> {
  const namespace = { uploadBuckets, renditions: renditions.map((name) => ({ name })) };
  const etags = await Promise.all(
    renditions.map(async (name) => {
      const result = await head(s3, resultBucket, resultKey({ bucket, key: upload.key }, name, namespace));
      return readResultMetadata(result?.Metadata)?.sourceEtag;
    }),
  );
  return etags.every((etag) => etag === upload.etag.replaceAll('"', ''));
}

async function tellsOfFailure(
  s3: S3Client,
  scope: ReconcileScope,
  { bucket, upload }: Joined,
): Promise<boolean> {
  const report = await readReport(s3, scope.failureBucket, failureKey({ bucket, key: upload.key }, scope));
  return report !== undefined && report.source.etag === upload.etag && isOver(report);
}
