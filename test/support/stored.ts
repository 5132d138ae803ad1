import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { FailureReport } from '../../src/core/failure-report.ts';
import { sourceNameOf, writeResultMetadata } from '../../src/core/result-metadata.ts';

interface Source {
  bucket: string;
  key: string;
}

let stamps = 0;

/** Stores a result as the worker does, for any upload of the source. */
export async function storeResult(
  s3: S3Client,
  source: Source,
  { Key = source.key, rendition = 'web', body = 'result' } = {},
): Promise<string> {
  stamps += 1;
  const Metadata = writeResultMetadata({
    sourceName: sourceNameOf(source),
    sourceEtag: 'e',
    recipe: 'r',
    generation: 1,
    stamp: String(stamps),
    rendition,
    width: 1,
    height: 1,
  });
  const Body = `${body} ${stamps}`;
  const { ETag = '' } = await s3.send(new PutObjectCommand({ Bucket: 'results', Key, Body, Metadata }));
  return ETag;
}

/** Stores a failure report as the worker does. */
export async function storeReport(
  s3: S3Client,
  source: Source,
  Key = source.key,
  about: Partial<FailureReport> = {},
): Promise<FailureReport> {
  const report: FailureReport = {
    version: 1,
    status: 'failed',
    code: 'image.corrupt',
    message: 'm',
    ...source,
    source: { etag: 'e', lastModified: new Date(0).toISOString() },
    recipe: 'r',
    attempt: 1,
    at: new Date().toISOString(),
    overAt: null,
    messageId: '',
    requestId: '',
    logGroup: '',
    logStream: '',
    ...about,
  };
  await s3.send(new PutObjectCommand({ Bucket: 'failures', Key, Body: JSON.stringify(report) }));
  return report;
}
