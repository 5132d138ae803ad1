import {
  GetObjectCommand,
  HeadObjectCommand,
  NoSuchKey,
  NotFound,
  type HeadObjectCommandInput,
  type HeadObjectCommandOutput,
  type S3Client,
} from '@aws-sdk/client-s3';
import { failureReportSchema, type FailureReport } from '../core/failure-report.ts';
import { failureKey, isTooLong, resultKey, type Namespace } from '../core/keys.ts';
import type { StoredResult } from '../core/outcome.ts';
import type { ObjectRef } from '../core/object-ref.ts';
import { SETTINGS } from '../core/settings.ts';
import { versionIdOf } from '../core/source.ts';
import { readResultMetadata } from '../core/result-metadata.ts';

export interface PipelineBuckets {
  uploadBuckets: readonly string[];
  resultBucket: string;
  failureBucket: string;
}

/** Where an upload stands: a join by key over the three buckets; there is no other record of it. */
export type ObjectStatus =
  | { status: 'unknown'; key: string }
  | { status: 'pending'; key: string }
  | { status: 'converted'; key: string; results: StoredResult[] }
  | ({ status: 'failed'; key: string; attempts: number } & ReportPart);

/** What a failure report says about itself: the reason, when, by which message, and where its logs are. */
type ReportPart = Pick<
  FailureReport,
  'code' | 'message' | 'at' | 'messageId' | 'requestId' | 'logGroup' | 'logStream'
>;

/** @throws the SDK's error when S3 cannot be reached or refuses */
export async function objectStatus(
  s3: S3Client,
  buckets: PipelineBuckets,
  recipe: Pick<Namespace, 'renditions'>,
  object: ObjectRef,
): Promise<ObjectStatus> {
  const { key } = object;
  const namespace = { uploadBuckets: buckets.uploadBuckets, renditions: recipe.renditions };
  const [source, report, ...results] = await Promise.all([
    head(s3, object.bucket, key),
    readReport(s3, buckets.failureBucket, failureKey(object, namespace)),
    ...recipe.renditions.map((rendition) => {
      return head(s3, buckets.resultBucket, resultKey(object, rendition.name, namespace));
    }),
  ]);
  if (source === undefined) return { status: 'unknown', key };
  const stored = recipe.renditions.map(({ name }, index) =>
    currentResult(source, results[index], resultKey(object, name, namespace)),
  );
  if (stored.every((result) => result !== undefined)) return { status: 'converted', key, results: stored };
  if (
    report !== undefined &&
    isOver(report) &&
    report.source.etag === source.ETag &&
    isOf(source, report.source.versionId)
  ) {
    const { code, message, attempt: attempts, at, messageId, requestId, logGroup, logStream } = report;
    return { status: 'failed', key, code, message, attempts, at, messageId, requestId, logGroup, logStream };
  }
  return { status: 'pending', key };
}

/**
 * A process that died cannot say so. An attempt without an end is over when the function's timeout and all receives
 * that were left have passed: its message is a dead letter then, unless the queue is backed up by hours.
 */
export function isOver({ status, attempt, at }: FailureReport): boolean {
  return status === 'failed' || Date.now() - Date.parse(at) > longestAttempt(attempt);
}

/** Milliseconds after which an attempt that was begun, and all that could follow it, must have ended. */
export function longestAttempt(attempt: number): number {
  const receivesLeft = Math.max(0, SETTINGS.maxReceiveCount - attempt);
  return (SETTINGS.functionTimeoutSeconds + receivesLeft * SETTINGS.visibilityTimeoutSeconds) * 1000;
}

function currentResult(
  source: HeadObjectCommandOutput,
  result: HeadObjectCommandOutput | undefined,
  key: string,
): StoredResult | undefined {
  const metadata = readResultMetadata(result?.Metadata);
  if (result === undefined || metadata === undefined) return undefined;
  if (metadata.sourceEtag !== source.ETag?.replaceAll('"', '') || !isOf(source, metadata.sourceVersionId))
    return undefined;
  const { rendition, width, height } = metadata;
  return {
    rendition,
    key,
    contentType: result.ContentType ?? '',
    bytes: result.ContentLength ?? 0,
    width,
    height,
  };
}

function isOf(source: HeadObjectCommandOutput, versionId: string | undefined): boolean {
  return versionIdOf(source.VersionId) === versionId;
}

/** Undefined where there is no such object. */
export async function head(
  s3: S3Client,
  Bucket: string,
  Key: string,
  asking: Pick<HeadObjectCommandInput, 'ChecksumMode'> = {},
): Promise<HeadObjectCommandOutput | undefined> {
  if (isTooLong(Key)) return undefined;
  try {
    return await s3.send(new HeadObjectCommand({ Bucket, Key, ...asking }));
  } catch (error) {
    if (error instanceof NotFound) return undefined;
    throw error;
  }
}

/** Undefined when it is no JSON. */
function parseJson(text = ''): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The failure report under a key of the failure bucket, if there is one that can be read. */
export async function readReport(
  s3: S3Client,
  Bucket: string,
  Key: string,
): Promise<FailureReport | undefined> {
  if (isTooLong(Key)) return undefined;
  try {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
    return failureReportSchema.safeParse(parseJson(await Body?.transformToString())).data;
  } catch (error) {
    if (error instanceof NoSuchKey) return undefined;
    throw error;
  }
}
