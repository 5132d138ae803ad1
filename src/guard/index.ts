import { Metrics } from '@aws-lambda-powertools/metrics';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { METRICS_NAMESPACE } from '../core/counters.ts';
import { readGuardConfig } from './config.ts';
import { createGuard } from './guard.ts';

const { functionName, ...deployment } = readGuardConfig(process.env);

/** The scheduled Lambda function. Answers what it took. */
export const handler = createGuard({
  ops: { s3: new S3Client({}), sqs: new SQSClient({}), deployment },
  metrics: new Metrics({ namespace: METRICS_NAMESPACE, serviceName: functionName }),
  now: Date.now,
});
