import { DynamoDBPersistenceLayer } from '@aws-lambda-powertools/idempotency/dynamodb';
import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { BasePersistenceLayer } from '@aws-lambda-powertools/idempotency/persistence';
import { METRICS_NAMESPACE } from '../core/counters.ts';
import type { Config } from './config.ts';
import type { Registry } from './conversion/registry.ts';
import { createConversions } from './conversion/conversions.ts';

/** What the worker reaches outside itself. A simulation answers it in process. */
export interface Deps {
  config: Config;
  s3: S3Client;
  sqs: SQSClient;
  persistence: BasePersistenceLayer;
  conversions: Registry;
  logger: Logger;
  metrics: Metrics;
  random: () => number;
}

/** A request that gets no answer is given up well before the function's own timeout. Milliseconds. */
const requestHandler = { connectionTimeout: 2000, requestTimeout: 15_000, throwOnRequestTimeout: true };

export function createDeps(config: Config): Deps {
  return {
    config,
    s3: new S3Client({
      requestHandler,
      // TLS, the length and the decoder check a download already; its CRC costs more than the request itself.
      responseChecksumValidation: 'WHEN_REQUIRED',
      requestChecksumCalculation: 'WHEN_REQUIRED',
    }),
    sqs: new SQSClient({ requestHandler }),
    persistence: new DynamoDBPersistenceLayer({
      tableName: config.idempotencyTable,
      awsSdkV3Client: new DynamoDBClient({ requestHandler }),
    }),
    conversions: createConversions(),
    logger: new Logger({ serviceName: 'millrace-worker' }),
    metrics: new Metrics({ namespace: METRICS_NAMESPACE, serviceName: config.functionName }),
    random: Math.random,
  };
}
