import type { S3Client } from '@aws-sdk/client-s3';
import pLimit from 'p-limit';
import { LIMITS } from '../contract/limits.ts';
import type { BatchObject } from '../contract/types.ts';
import { defined } from '../core/defined.ts';
import { failureKey } from '../core/keys.ts';
import { renditionsOf, resultKey } from '../core/result-keys.ts';
import { listUploadStates } from '../ops/list-upload-states.ts';
import { readReport, type StatusScope } from '../ops/object-status.ts';
import type { UploadStateWithBytes } from '../ops/upload-state.ts';

/**
 * What the API says about a batch: its counts and its objects, joined from listings (docs/adr/0008). The API uploads to
 * the first bucket, so a batch has no objects in others.
 */

interface BatchScope {
  s3: S3Client;
  deployment: StatusScope;
}

export interface BatchCounts {
  uploaded: number;
  converted: number;
  failed: number;
  pending: number;
  ignored: number;
  /** Whether there are more uploads than were counted. */
  truncated: boolean;
}

export interface BatchPage {
  objects: BatchObject[];
  /** The last key that was considered, if there may be more. */
  next?: string;
}

export interface PageRequest {
  state?: BatchObject['state'] | undefined;
  /** Only keys after this one. */
  after?: string | undefined;
  limit: number;
}

const REPORTS_AT_ONCE = 16;

/**
 * Counts the uploads with a prefix by state.
 * @throws the SDK's error if S3 cannot be reached or refuses
 */
export async function countBatch({ s3, deployment }: BatchScope, prefix: string): Promise<BatchCounts> {
  const [first = ''] = deployment.uploadBuckets;
  const counts = { uploaded: 0, converted: 0, failed: 0, pending: 0, ignored: 0 };
  for await (const { bucket, state } of listUploadStates(s3, deployment, prefix)) {
    if (bucket !== first) continue;
    if (counts.uploaded === LIMITS.countedUploads) return { ...counts, truncated: true };
    counts.uploaded += 1;
    counts[state] += 1;
  }
  return { ...counts, truncated: false };
}

/**
 * Returns one page of the uploads with a prefix, in the order of their keys.
 * @throws the SDK's error if S3 cannot be reached or refuses
 */
export async function pageOfBatch(
  { s3, deployment }: BatchScope,
  prefix: string,
  { state, after, limit }: PageRequest,
): Promise<BatchPage> {
  const [first = ''] = deployment.uploadBuckets;
  const found: UploadStateWithBytes[] = [];
  let scanned = 0;
  let next: string | undefined;
  let last = '';
  for await (const entry of listUploadStates(s3, deployment, prefix, defined({ after }))) {
    if (entry.bucket !== first) continue;
    if (found.length === limit || scanned === LIMITS.countedUploads) {
      next = last;
      break;
    }
    scanned += 1;
    last = entry.key;
    if (state === undefined || entry.state === state) found.push(entry);
  }
  const reports = pLimit(REPORTS_AT_ONCE);
  const objects = await Promise.all(found.map((entry) => reports(() => describe(entry))));
  return defined({ objects, next });

  async function describe(entry: UploadStateWithBytes): Promise<BatchObject> {
    const { bucket, key, bytes, uploadedAt, resultBytes } = entry;
    const object: BatchObject = {
      key,
      name: key.slice(prefix.length),
      state: entry.state,
      bytes,
      uploadedAt: uploadedAt.toISOString(),
    };
    if (entry.state === 'converted') {
      object.results = renditionsOf(key, deployment).map((rendition, index) => ({
        rendition,
        key: resultKey({ bucket, key }, rendition, deployment),
        bytes: resultBytes[index] ?? 0,
      }));
    }
    if (entry.state === 'failed') {
      const report = await readReport(s3, deployment.failureBucket, failureKey({ bucket, key }, deployment));
      if (report !== undefined)
        object.reason = { code: report.code, message: report.message, attempts: report.attempt };
    }
    return object;
  }
}
