import { Metrics } from '@aws-lambda-powertools/metrics';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { createSdkClient, SERVICE_LIMITS } from '../core/sdk-client.ts';
import { METRICS_NAMESPACE } from '../core/metric-names.ts';
import { readGuardConfig } from './config.ts';
import { createGuard } from './guard.ts';

const { functionName, ...deployment } = readGuardConfig(process.env);

/** The scheduled Lambda function. Returns what it archived. */
export const handler = createGuard({
  ops: {
    s3: createSdkClient(S3Client, {}, SERVICE_LIMITS),
    sqs: createSdkClient(SQSClient, {}, SERVICE_LIMITS),
    deployment,
  },
  metrics: new Metrics({ namespace: METRICS_NAMESPACE, serviceName: functionName }),
  now: Date.now,
});
