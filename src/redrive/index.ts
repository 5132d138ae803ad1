import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { createSdkClient, SERVICE_LIMITS } from '../core/sdk-client.ts';
import { createRunnerInvoker } from '../ops/redrive/invoke-runner.ts';
import { readRunnerConfig } from './config.ts';
import { createRunner } from './runner.ts';

const { deployment, functionName } = readRunnerConfig(process.env);

/** The Lambda function that runs redrives; the API invokes it, and it invokes itself. */
export const handler = createRunner(
  {
    s3: createSdkClient(S3Client, {}, SERVICE_LIMITS),
    sqs: createSdkClient(SQSClient, {}, SERVICE_LIMITS),
    deployment,
  },
  createRunnerInvoker(functionName),
);
