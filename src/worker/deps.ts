import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { BasePersistenceLayer } from '@aws-lambda-powertools/idempotency/persistence';
import { METRICS_NAMESPACE } from '../core/metric-names.ts';
import type { Conversion } from '../core/conversion.ts';
import { createSdkClient, type RequestLimits } from '../core/sdk-client.ts';
import { limitsOf } from '../core/rules.ts';
import { timingOf } from '../core/timing.ts';
import type { Config } from './config.ts';
import { createConversions, type Conversions } from './conversion/conversions.ts';
import { createPersistence } from './persistence.ts';

/** The worker's external dependencies. A simulation answers them in process. */
export interface Deps {
  config: Config;
  s3: S3Client;
  sqs: SQSClient;
  /** Stores idempotency records; undefined without a table. */
  persistence: BasePersistenceLayer | undefined;
  conversions: Conversions;
  logger: Logger;
  metrics: Metrics;
  random: () => number;
}

/** Ends requests without a response, well before the function's own timeout. */
const IDLE_MILLISECONDS = 10_000;
/** Ends all requests. Storing a large result takes longer than any other. */
const REQUEST_MILLISECONDS = 60_000;
const requestHandler = {
  connectionTimeout: 2000,
  requestTimeout: REQUEST_MILLISECONDS,
  throwOnRequestTimeout: true,
};

/**
 * @param own conversions other than that of images
 * @param limits timeouts of requests; tests use shorter ones
 */
export function createDeps(
  config: Config,
  own: readonly Conversion[] = [],
  limits: RequestLimits = {
    idle: IDLE_MILLISECONDS,
    answer: timingOf(limitsOf(config.recipe)).readSeconds * 1000,
  },
): Deps {
  const handler = { requestHandler: { ...requestHandler, socketTimeout: limits.idle } };
  return {
    config,
    s3: createSdkClient(
      S3Client,
      {
        ...handler,
        // TLS, the length and the decoder already check a download. Its CRC costs more than the request itself.
        responseChecksumValidation: 'WHEN_REQUIRED',
        requestChecksumCalculation: 'WHEN_REQUIRED',
      },
      limits,
    ),
    sqs: createSdkClient(SQSClient, handler, limits),
    persistence: createPersistence(config, () => createSdkClient(DynamoDBClient, handler, limits)),
    conversions: createConversions(own),
    logger: new Logger({ serviceName: 'millrace-worker' }),
    metrics: new Metrics({ namespace: METRICS_NAMESPACE, serviceName: config.functionName }),
    random: Math.random,
  };
}
