import type { DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import {
  CreateBucketCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketNotificationConfigurationCommand,
  PutBucketVersioningCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { localClientConfig } from '@millrace/local-aws/client-config';
import { createSdkClient, SERVICE_LIMITS } from '../core/sdk-client.ts';
import { FAILURE_RULES, RESULT_RULES, uploadRules, type LifecycleRule } from '../core/lifecycle.ts';
import type { Recipe } from '../core/recipe.ts';
import { limitsOf } from '../core/rules.ts';
import { SETTINGS } from '../core/settings.ts';
import { timingOf } from '../core/timing.ts';
import { uploadEvents } from '../core/upload-events.ts';

/** Names of the pipeline's buckets. */
export const BUCKETS = { uploads: 'uploads', results: 'results', failures: 'failures' } as const;
export const IDEMPOTENCY_TABLE = 'millrace-idempotency';

export interface Queue {
  url: string;
  arn: string;
}

export interface Resources {
  conversionQueue: Queue;
  retryQueue: Queue;
  deadLetterQueue: Queue;
  /** Name of the table. */
  idempotencyTable?: string;
}

/**
 * Creates the same resources as the CDK app, with the same settings, through the same public interfaces.
 * Resources from an earlier run on the same data folder keep their content.
 * @param idempotency whether to create its table
 */
export async function createResources(
  awsUrl: string,
  recipe: Recipe,
  { idempotency = true }: { idempotency?: boolean } = {},
): Promise<Resources> {
  const timing = timingOf(limitsOf(recipe));
  const client = localClientConfig(awsUrl);
  const s3 = createSdkClient(S3Client, { ...client, forcePathStyle: true }, SERVICE_LIMITS);
  const sqs = createSdkClient(SQSClient, client, SERVICE_LIMITS);
  try {
    const deadLetterQueue = await createQueue(sqs, 'millrace-dead-letters', {
      MessageRetentionPeriod: String(SETTINGS.deadLetterRetentionSeconds),
    });
    const attributes = {
      VisibilityTimeout: String(timing.visibilityTimeoutSeconds),
      MessageRetentionPeriod: String(SETTINGS.queueRetentionSeconds),
      RedrivePolicy: JSON.stringify({
        deadLetterTargetArn: deadLetterQueue.arn,
        maxReceiveCount: SETTINGS.maxReceiveCount,
      }),
    };
    const [retryQueue, conversionQueue] = await Promise.all([
      createQueue(sqs, 'millrace-retry', attributes),
      createQueue(sqs, 'millrace-conversion', attributes),
      createBucket(s3, BUCKETS.uploads, uploadRules()),
      createBucket(s3, BUCKETS.results, RESULT_RULES),
      createBucket(s3, BUCKETS.failures, FAILURE_RULES),
      idempotency ? createTable(client) : undefined,
    ]);
    await s3.send(
      new PutBucketVersioningCommand({
        Bucket: BUCKETS.uploads,
        VersioningConfiguration: { Status: 'Enabled' },
      }),
    );
    await s3.send(
      new PutBucketNotificationConfigurationCommand({
        Bucket: BUCKETS.uploads,
        NotificationConfiguration: {
          QueueConfigurations: [
            { Id: 'millrace', QueueArn: conversionQueue.arn, Events: uploadEvents(recipe) },
          ],
        },
      }),
    );
    const queues = { conversionQueue, retryQueue, deadLetterQueue };
    return idempotency ? { ...queues, idempotencyTable: IDEMPOTENCY_TABLE } : queues;
  } finally {
    s3.destroy();
    sqs.destroy();
  }
}

export async function createQueue(
  sqs: SQSClient,
  name: string,
  Attributes: Record<string, string>,
): Promise<Queue> {
  // An earlier run's queue may have other attributes, because they depend on the recipe.
  const { QueueUrl: url = '' } = await sqs.send(new CreateQueueCommand({ QueueName: name }));
  await sqs.send(new SetQueueAttributesCommand({ QueueUrl: url, Attributes }));
  const answer = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['QueueArn'] }),
  );
  return { url, arn: answer.Attributes?.QueueArn ?? '' };
}

async function createBucket(s3: S3Client, Bucket: string, rules: readonly LifecycleRule[]): Promise<void> {
  await s3.send(new CreateBucketCommand({ Bucket }));
  await putLifecycle(s3, Bucket, rules);
}

async function putLifecycle(s3: S3Client, Bucket: string, rules: readonly LifecycleRule[]): Promise<void> {
  const Rules = rules.map((rule) => ({
    ID: rule.id,
    Status: 'Enabled' as const,
    Filter: { Prefix: rule.prefix ?? '' },
    Expiration: expirationOf(rule),
    NoncurrentVersionExpiration:
      rule.noncurrentDays === undefined ? undefined : { NoncurrentDays: rule.noncurrentDays },
    AbortIncompleteMultipartUpload:
      rule.abortMultipartDays === undefined ? undefined : { DaysAfterInitiation: rule.abortMultipartDays },
  }));
  await s3.send(new PutBucketLifecycleConfigurationCommand({ Bucket, LifecycleConfiguration: { Rules } }));
}

function expirationOf({ expirationDays, expiredDeleteMarkers }: LifecycleRule) {
  if (expirationDays !== undefined) return { Days: expirationDays };
  return expiredDeleteMarkers === undefined ? undefined : { ExpiredObjectDeleteMarker: true };
}

async function createTable(client: DynamoDBClientConfig): Promise<void> {
  const { DynamoDBClient, CreateTableCommand, ResourceInUseException } =
    await import('@aws-sdk/client-dynamodb');
  const dynamo = createSdkClient(DynamoDBClient, client, SERVICE_LIMITS);
  try {
    await dynamo.send(
      new CreateTableCommand({
        TableName: IDEMPOTENCY_TABLE,
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
        KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      }),
    );
  } catch (error) {
    if (!(error instanceof ResourceInUseException)) throw error;
  } finally {
    dynamo.destroy();
  }
}
