import { readFile } from 'node:fs/promises';
import { Logger } from '@aws-lambda-powertools/logger';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { limitsOf } from '../core/rules.ts';
import { createSdkClient } from '../core/sdk-client.ts';
import { createInvoker } from '../ops/invoke-function.ts';
import { createApi } from './app.ts';
import { callerOf } from './caller.ts';
import { createCloudWatch } from './cloudwatch.ts';
import { readApiConfig } from './config.ts';
import { API_LIMITS, S3_SETTINGS } from './deps.ts';
import { createGatewayHandler } from './gateway-handler.ts';
import type { PageAssets } from '../core/pages-file.ts';

const logger = new Logger({ serviceName: 'millrace-api' });
const config = readApiConfig(process.env);

const api = createApi({
  s3: createSdkClient(S3Client, S3_SETTINGS, API_LIMITS),
  sqs: createSdkClient(SQSClient, {}, API_LIMITS),
  deployment: config.deployment,
  maxUploadBytes: limitsOf(config.recipe).bytes,
  pages: async () => JSON.parse(await readFile(config.pagesFile, 'utf8')) as PageAssets,
  ...createCloudWatch(config),
  startRedrive: createInvoker(config.redriveFunction),
  callerOf,
  audit: (entry) => logger.info('audit', { audit: entry }),
  onError: (error) =>
    logger.error('a request failed', error instanceof Error ? error : new Error(String(error))),
});

/** The Lambda function's entry. */
export const handler = createGatewayHandler(api);
