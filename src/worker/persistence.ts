import { DynamoDBPersistenceLayer } from '@aws-lambda-powertools/idempotency/dynamodb';
import type { BasePersistenceLayer } from '@aws-lambda-powertools/idempotency/persistence';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Config } from './config.ts';

/** Returns the store of idempotency records, or undefined if the worker has no table. */
export function createPersistence(
  { idempotencyTable: tableName }: Pick<Config, 'idempotencyTable'>,
  createClient: () => DynamoDBClient,
): BasePersistenceLayer | undefined {
  return tableName === undefined
    ? undefined
    : new DynamoDBPersistenceLayer({ tableName, awsSdkV3Client: createClient() });
}
