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
import { ignoringUploads } from '../core/ignored.ts';
import { failureKey, isTooLong } from '../core/keys.ts';
import { resultKeys, type ResultNames } from '../core/result-keys.ts';
import type { StoredResult } from '../core/outcome.ts';
import type { ObjectRef } from '../core/object-ref.ts';
import type { DeployedRecipe } from '../core/result-freshness.ts';
import { HIGHEST_LIMITS } from '../core/conversion.ts';
import { versionIdOf } from '../core/source.ts';
import { longestAttemptSeconds, timingOf } from '../core/timing.ts';
import { parseJson } from '../core/parse-json.ts';
import { derivedResult, isAbout } from './derived-result.ts';

export interface PipelineBuckets {
  uploadBuckets: readonly string[];
  resultBucket: string;
  failureBucket: string;
}

/** The parts of a deployment that determine an upload's status. */
export interface StatusScope extends PipelineBuckets, DeployedRecipe, ResultNames {
  ignore: readonly string[];
}

/** The status of an upload, joined by key from the three buckets. There is no other record of it. */
export type ObjectStatus =
  | { status: 'unknown'; key: string }
  /** `attempting`: an attempt has begun, and is running or will be repeated. */
  | { status: 'pending'; key: string; attempting?: true }
  /** `stale`: at least one of the results was made under an older recipe. */
  | { status: 'converted'; key: string; stale: boolean; results: StoredResult[] }
  | ({ status: 'failed'; key: string; attempts: number } & ReportPart)
  /** There is nothing to convert: a folder placeholder, or a name that the recipe ignores. */
  | { status: 'ignored'; key: string };

/** A failure report's reason, time, message id and log location. */
type ReportPart = Pick<
  FailureReport,
  'code' | 'message' | 'at' | 'messageId' | 'requestId' | 'logGroup' | 'logStream'
>;

/**
 * Returns the status of an upload, based on its objects' metadata. This is the definition of *current*
 * that all views share; views that rely on listings call it when in doubt (docs/states.md).
 * @throws the SDK's error if S3 cannot be reached or refuses
 */
export async function objectStatus(
  s3: S3Client,
  scope: StatusScope,
  object: ObjectRef,
): Promise<ObjectStatus> {
  const { key } = object;
  const keys = resultKeys(object, scope);
  const [source, ...heads] = await Promise.all([
    head(s3, object.bucket, key),
    ...keys.map((each) => head(s3, scope.resultBucket, each)),
  ]);
  if (source === undefined) return { status: 'unknown', key };
  const isIgnored = ignoringUploads(scope.ignore);
  if (isIgnored({ key, bytes: source.ContentLength ?? 0 })) return { status: 'ignored', key };
  const results = keys
    .map((each, index) => derivedResult(each, heads[index], object, source, scope))
    .filter((result) => result !== undefined);
  const isComplete = results.length === keys.length;
  const stale = results.some((result) => result.stale);
  const converted: ObjectStatus = {
    status: 'converted',
    key,
    stale,
    results: results.map(({ stored }) => stored),
  };
  if (isComplete && !stale) return converted;

  const { report, storedAt = 0 } =
    (await getReport(s3, scope.failureBucket, failureKey(object, scope))) ?? {};
  if (report !== undefined && isAbout(report, source)) {
    if (!isOver(report)) return isComplete ? converted : { status: 'pending', key, attempting: true };
    // The deployed recipe may refuse what an older recipe could convert. S3 dates both; the worker's clock may be off.
    // A result of the second in which an attempt began may be from that attempt; its report is then a leftover.
    const isBefore = (at: number) => (report.status === 'failed' ? at <= storedAt : at < storedAt);
    const isRefused = report.recipe === scope.recipeId && results.every(({ at }) => isBefore(at));
    if (!isComplete || isRefused) return failed(key, report);
  }
  return isComplete ? converted : { status: 'pending', key };
}

function failed(
  key: string,
  { code, message, attempt, at, messageId, requestId, logGroup, logStream }: FailureReport,
): ObjectStatus {
  return {
    status: 'failed',
    key,
    code,
    message,
    attempts: attempt,
    at,
    messageId,
    requestId,
    logGroup,
    logStream,
  };
}

/**
 * Returns whether an attempt can no longer change anything. A dead process cannot report its end, so an attempt is
 * over when the function's timeout and all remaining receives have passed. By then, its message is a dead letter,
 * unless the queue is hours behind.
 */
export function isOver({ status, attempt, at, overAt }: FailureReport): boolean {
  if (status === 'failed') return true;
  return Date.now() > (overAt === null ? Date.parse(at) + longestAttempt(attempt) : Date.parse(overAt));
}

/** Returns the milliseconds after which an attempt and all later attempts must be over, under any recipe. */
export function longestAttempt(attempt: number): number {
  return longestAttemptSeconds(attempt, timingOf(HIGHEST_LIMITS)) * 1000;
}

/** Returns an object's metadata, or undefined if it does not exist. */
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

/**
 * Returns the failure report under a key of the failure bucket; undefined if there is none or it cannot be parsed.
 */
export async function readReport(
  s3: S3Client,
  Bucket: string,
  Key: string,
): Promise<FailureReport | undefined> {
  return (await getReport(s3, Bucket, Key))?.report;
}

/** An object of the failure bucket. */
export interface StoredReport {
  etag: string;
  versionId: string | undefined;
  /** Milliseconds since the epoch. */
  storedAt: number;
  /** Undefined if the object is not a failure report. */
  report: FailureReport | undefined;
}

/** Returns the object under a key of the failure bucket; undefined if there is none. */
export async function getReport(
  s3: S3Client,
  Bucket: string,
  Key: string,
): Promise<StoredReport | undefined> {
  if (isTooLong(Key)) return undefined;
  try {
    const {
      Body,
      ETag: etag = '',
      VersionId,
      LastModified,
    } = await s3.send(new GetObjectCommand({ Bucket, Key }));
    const { data: report } = failureReportSchema.safeParse(
      parseJson((await Body?.transformToString()) ?? ''),
    );
    const storedAt = LastModified?.getTime() ?? 0;
    return { etag, versionId: versionIdOf(VersionId), storedAt, report };
  } catch (error) {
    if (error instanceof NoSuchKey) return undefined;
    throw error;
  }
}
