import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { METRICS_NAMESPACE } from '../core/metric-names.ts';
import { createSdkClient, SERVICE_LIMITS } from '../core/sdk-client.ts';
import { readSelfInvokingConfig } from '../core/self-invoking-config.ts';
import { createInvoker } from '../ops/invoke-function.ts';
import { createReconciler } from './reconciler.ts';

const { deployment, functionName } = readSelfInvokingConfig(process.env, 'reconciler');

/** The scheduled Lambda function; it also invokes itself. */
export const handler = createReconciler({
  ops: {
    s3: createSdkClient(S3Client, {}, SERVICE_LIMITS),
    sqs: createSdkClient(SQSClient, {}, SERVICE_LIMITS),
    deployment,
  },
  metrics: new Metrics({ namespace: METRICS_NAMESPACE, serviceName: functionName }),
  logger: new Logger({ serviceName: functionName }),
  goOn: createInvoker(functionName),
  now: Date.now,
});
