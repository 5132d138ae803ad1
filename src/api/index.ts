import { readFile } from 'node:fs/promises';
import { Logger } from '@aws-lambda-powertools/logger';
import { S3Client } from '@aws-sdk/client-s3';
import { createApi } from './app.ts';
import { readApiConfig } from './config.ts';
import { S3_SETTINGS } from './deps.ts';
import { createGatewayHandler } from './gateway-handler.ts';
import type { PageAssets } from './pages/assets.ts';

const logger = new Logger({ serviceName: 'millrace-api' });
const { recipe, deployment, pagesFile } = readApiConfig(process.env);

const api = createApi({
  s3: new S3Client(S3_SETTINGS),
  deployment,
  maxUploadBytes: recipe.limits.bytes,
  pages: async () => JSON.parse(await readFile(pagesFile, 'utf8')) as PageAssets,
  onError: (error) =>
    logger.error('a request failed', error instanceof Error ? error : new Error(String(error))),
});

/** The Lambda function's entry. */
export const handler = createGatewayHandler(api);
