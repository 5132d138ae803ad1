import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { FailureReport } from '../../src/core/failure-report.ts';
import { sourceNameOf, writeResultMetadata, type ResultMetadata } from '../../src/core/result-metadata.ts';

interface Source {
  bucket: string;
  key: string;
}

interface StoredResult {
  Key?: string;
  rendition?: string;
  /** A different text each time by default. */
  Body?: string;
  ContentType?: string;
  about?: Partial<ResultMetadata>;
}

let stamps = 0;

/** Stores a result as the worker does, for any upload of the source. */
export async function storeResult(
  s3: S3Client,
  source: Source,
  { Key = source.key, rendition = 'web', about = {}, ...object }: StoredResult = {},
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
    ...about,
  });
  const result = { Bucket: 'results', Key, Body: `result ${stamps}`, Metadata, ...object };
  const { ETag = '' } = await s3.send(new PutObjectCommand(result));
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
