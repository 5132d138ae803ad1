import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { defined } from '../src/core/defined.ts';
import { ENV } from '../src/core/env.ts';
import { conversionsAtOnce, LAMBDA_DEFAULTS } from '../src/core/lambda-defaults.ts';
import type { Recipe } from '../src/core/recipe.ts';
import { SETTINGS } from '../src/core/settings.ts';
import type { Timing } from '../src/core/timing.ts';
import { acknowledgeObjects } from './acknowledgements.ts';
import { CONFIGURATION_FILE } from './function-code.ts';
import { createFunction } from './function.ts';

/** What the worker reads from and writes to. */
export interface WorkerResources {
  readonly uploadBuckets: readonly IBucket[];
  readonly resultBucket: IBucket;
  readonly failureBucket: IBucket;
  readonly conversionQueue: Queue;
  readonly retryQueue: Queue;
  readonly deadLetterQueue: Queue;
  readonly idempotencyTable: Table;
  readonly recipe: Recipe;
  /** Generation of the recipe (`recipeGeneration`). */
  readonly generation: string;
  readonly timing: Timing;
  /** Megabytes. */
  readonly workerMemory: number;
}

interface WorkerOptions {
  /** The code of custom conversions. */
  readonly bundle?: string;
  /** The folder with the Dockerfile of its image. */
  readonly image?: string;
  readonly architecture?: 'arm64' | 'x64';
  /** Megabytes of `/tmp`. */
  readonly workerStorage?: number;
  readonly concurrency?: number;
  readonly retryConcurrency?: number;
  readonly logDays?: number;
}

/** Creates the worker: one function for both queues, with batches from one and single messages from the other. */
export function createWorker(
  scope: Construct,
  resources: WorkerResources,
  {
    bundle,
    image,
    architecture = 'arm64',
    workerStorage,
    concurrency = LAMBDA_DEFAULTS.concurrency,
    retryConcurrency = 10,
    logDays = 30,
  }: WorkerOptions,
): LambdaFunction {
  const worker = createFunction(scope, 'Worker', {
    description: 'Converts uploads',
    code: 'worker',
    ...defined({ bundle, image, storage: workerStorage }),
    architecture,
    memory: resources.workerMemory,
    timeoutSeconds: resources.timing.functionTimeoutSeconds,
    logDays,
    isRecursive: true,
    environment: {
      [ENV.uploadBuckets]: resources.uploadBuckets.map(({ bucketName }) => bucketName).join(','),
      [ENV.resultBucket]: resources.resultBucket.bucketName,
      [ENV.failureBucket]: resources.failureBucket.bucketName,
      [ENV.conversionQueueUrl]: resources.conversionQueue.queueUrl,
      [ENV.retryQueueUrl]: resources.retryQueue.queueUrl,
      [ENV.retryQueueArn]: resources.retryQueue.queueArn,
      [ENV.deadLetterQueueUrl]: resources.deadLetterQueue.queueUrl,
      [ENV.idempotencyTable]: resources.idempotencyTable.tableName,
      [ENV.recipe]: JSON.stringify(resources.recipe),
      ...defined({ [ENV.config]: bundle && `./${CONFIGURATION_FILE}` }),
      [ENV.generation]: resources.generation,
      [ENV.maxAttempts]: String(SETTINGS.maxReceiveCount),
      [ENV.conversions]: String(conversionsAtOnce(resources.workerMemory)),
      // By default, glibc keeps a memory pool per thread, up to eight per core.
      MALLOC_ARENA_MAX: '2',
    },
  });
  const lanes = [
    [resources.conversionQueue, resources.timing.batchSize, concurrency],
    [resources.retryQueue, SETTINGS.retryBatchSize, retryConcurrency],
  ] as const;
  for (const [queue, batchSize, maxConcurrency] of lanes) {
    worker.addEventSource(
      // Without a maximum, pollers receive more than they can invoke, and throttling alone increases receive counts.
      new SqsEventSource(queue, { batchSize, maxConcurrency, reportBatchItemFailures: true }),
    );
  }
  grant(worker, resources);
  return worker;
}

/** Grants the worker's permissions, except those to consume its queues, which the event sources grant. */
function grant(worker: LambdaFunction, resources: WorkerResources): void {
  const { recipe, uploadBuckets, resultBucket, failureBucket, conversionQueue, retryQueue, deadLetterQueue } =
    resources;
  const buckets = [...uploadBuckets, resultBucket, failureBucket];
  const objects = (of: readonly IBucket[]) => of.map((bucket) => bucket.arnForObjects('*'));
  const statements: [string, string[], string[]][] = [
    // Without this permission, S3 answers 403 instead of 404 for a missing key.
    ['FindObjects', ['s3:ListBucket'], buckets.map(({ bucketArn }) => bucketArn)],
    ['ReadObjects', ['s3:GetObject'], objects(buckets)],
    ['StoreOutcomes', ['s3:PutObject'], objects([resultBucket, failureBucket])],
    ['WithdrawReports', ['s3:DeleteObject'], objects([failureBucket])],
    ...(recipe.whenDeleted === 'keep'
      ? []
      : ([['DeleteResults', ['s3:DeleteObject'], objects([resultBucket])]] satisfies [
          string,
          string[],
          string[],
        ][])),
    [
      'PassOn',
      ['sqs:SendMessage'],
      // Messages that the batch had no time for go back to the conversion queue.
      [conversionQueue, retryQueue, deadLetterQueue].map(({ queueArn }) => queueArn),
    ],
    [
      'RememberUploads',
      ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem', 'dynamodb:DeleteItem'],
      [resources.idempotencyTable.tableArn],
    ],
  ];
  for (const [sid, actions, arns] of statements) {
    worker.addToRolePolicy(new PolicyStatement({ sid, actions, resources: arns }));
  }
  for (const { encryptionKey } of uploadBuckets) encryptionKey?.grant(worker, 'kms:Decrypt');
  acknowledgeObjects(worker, objects(buckets));
}
