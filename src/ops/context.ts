import type { S3Client } from '@aws-sdk/client-s3';
import type { SQSClient } from '@aws-sdk/client-sqs';
import type { Deployment } from '../core/deployment.ts';
import { SYSTEM_TIME, type Time } from './time.ts';

/** A pipeline, and the clients that reach it: what every operation needs. */
export interface OpsContext {
  s3: S3Client;
  sqs: SQSClient;
  deployment: Deployment;
  /** The system's when left out. */
  time?: Time;
}

/** What it takes to read the dead-letter queue and to know the reasons. */
export interface DeadLetterContext {
  s3: S3Client;
  sqs: SQSClient;
  deployment: Pick<Deployment, 'uploadBuckets' | 'failureBucket' | 'deadLetterQueueUrl'>;
  /** The system's when left out. */
  time?: Time;
}

export function timeOf({ time = SYSTEM_TIME }: Pick<OpsContext, 'time'>): Time {
  return time;
}
