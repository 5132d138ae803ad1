import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { createSdkClient, SERVICE_LIMITS } from '../core/sdk-client.ts';
import { readSelfInvokingConfig } from '../core/self-invoking-config.ts';
import { createInvoker } from '../ops/invoke-function.ts';
import { createRunner } from './runner.ts';

const { deployment, functionName } = readSelfInvokingConfig(process.env, 'redrive runner');

/** The Lambda function that runs redrives; the API invokes it, and it invokes itself. */
export const handler = createRunner(
  {
    s3: createSdkClient(S3Client, {}, SERVICE_LIMITS),
    sqs: createSdkClient(SQSClient, {}, SERVICE_LIMITS),
    deployment,
  },
  createInvoker(functionName),
);
