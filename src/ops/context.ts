import type { S3Client } from '@aws-sdk/client-s3';
import type { SQSClient } from '@aws-sdk/client-sqs';
import type { Deployment } from '../core/deployment.ts';
import { SYSTEM_TIME, type Time } from './time.ts';

/** The pipeline and the clients that every operation needs. */
export interface OpsContext {
  s3: S3Client;
  sqs: SQSClient;
  deployment: Deployment;
  /** By default, the system's. */
  time?: Time;
}

/** The clients and names needed to read the dead-letter queue and find reasons. */
export interface DeadLetterContext {
  s3: S3Client;
  sqs: SQSClient;
  deployment: Pick<Deployment, 'uploadBuckets' | 'failureBucket' | 'deadLetterQueueUrl'>;
  /** By default, the system's. */
  time?: Time;
}

export function timeOf({ time = SYSTEM_TIME }: Pick<OpsContext, 'time'>): Time {
  return time;
}
