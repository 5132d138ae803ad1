import type { S3Client } from '@aws-sdk/client-s3';
import type { SQSClient } from '@aws-sdk/client-sqs';
import type { RequestLimits } from '../core/sdk-client.ts';
import type { Deployment } from '../core/deployment.ts';
import type { AlarmState } from '../ops/alarm.ts';
import type { RedriveJob } from '../ops/redrive/job.ts';
import type { PageAssets } from '../core/pages-file.ts';

export interface ApiDeps {
  /** Reads the three buckets, and signs: built with `S3_SETTINGS`. */
  s3: S3Client;
  /** For the operations. */
  sqs: SQSClient;
  /** Names of buckets, queues and renditions. The first upload bucket takes the uploads. */
  deployment: Deployment;
  /** The recipe's limit. S3 refuses larger files. */
  maxUploadBytes: number;
  /** Loads the pages' files, once, at the first request for a page. */
  pages: () => Promise<PageAssets>;
  /** Returns the worker's metrics for the last sixty minutes, oldest first. */
  readMinutes: () => Promise<MetricsMinute[]>;
  /** Returns the state of the alarm on dead letters; undefined if there is none. */
  readAlarm: () => Promise<AlarmState | undefined>;
  /** Starts a redrive in the background. */
  startRedrive: (job: RedriveJob) => Promise<void>;
  /** Returns the caller of a request. @param env the request's environment in Hono */
  callerOf: (env: unknown) => string;
  /** Records a change in the audit log, before the change is made. */
  audit: (entry: AuditEntry) => Promise<void> | void;
  /** Called with errors that cause a response with status 500. */
  onError: (error: unknown) => void;
}

/** The outcomes of objects and messages in one minute. */
export interface MetricsMinute {
  /** Its start, as ISO 8601. */
  at: string;
  converted: number;
  rejected: number;
  /** Messages that the worker reported as failed, to be received again. */
  failed: number;
}

/** A change by the operations. */
export interface AuditEntry {
  action: 'redrive' | 'cancel redrive' | 'purge';
  who: string;
  what: string;
  why: string;
}

/** The API's function has 29 seconds to respond. */
export const API_LIMITS: RequestLimits = { idle: 10_000, answer: 20_000 };

/** Without this, the SDK would include a checksum of an empty body in signed URLs. */
export const S3_SETTINGS = {
  requestChecksumCalculation: 'WHEN_REQUIRED',
  responseChecksumValidation: 'WHEN_REQUIRED',
} as const;
