import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { AttributeType, BillingMode, Table } from 'aws-cdk-lib/aws-dynamodb';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { EventType, IBucket } from 'aws-cdk-lib/aws-s3';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import {
  S3_SERVER_ACCESS_LOGS_USE_BUCKET_POLICY,
  S3_TRUST_KEY_POLICY_FOR_SNS_SUBSCRIPTIONS,
} from 'aws-cdk-lib/cx-api';
import { Construct } from 'constructs';
import { recipeId, type Recipe } from '../src/core/recipe.ts';
import { readConfiguration } from './configuration.ts';
import { sendCompletions, type Completions } from './completions.ts';
import { createFailureBucket, createLogBucket, createResultBucket } from './buckets.ts';
import { defined } from '../src/core/defined.ts';
import { LAMBDA_DEFAULTS } from '../src/core/lambda-defaults.ts';
import { limitsOf, resultNamesOf } from '../src/core/rules.ts';
import { uploadEvents } from '../src/core/upload-events.ts';
import { timingOf, type Timing } from '../src/core/timing.ts';
import { createExpiryGuard } from './expiry-guard.ts';
import { addOutput } from './outputs.ts';
import { createQueues } from './queues.ts';
import { recipeGeneration } from './recipe-generation.ts';
import { createReconciler, type ReconcileSchedule } from './reconciler.ts';
import { connectUploadBuckets, ownBucketName, type UploadBucket } from './upload-buckets.ts';
import { checkProperties } from './checked-properties.ts';
import { checkWorkerRanges } from './worker-ranges.ts';
import { createWorker } from './worker.ts';

export type WorkerArchitecture = 'arm64' | 'x64';

export interface ConversionPipelineProps {
  /**
   * Upload buckets, new or adopted. All of them notify one queue.
   * @default a new bucket, named after the stack and the construct's path
   */
  readonly uploadBuckets?: readonly UploadBucket[];
  /** The renditions of an upload. @default one WebP within 1600 × 1600 pixels */
  readonly recipe?: Recipe;
  /**
   * Path of a configuration file, relative to the folder that the app runs in: its recipe, and its conversions, which are
   * bundled with the worker. In place of `recipe`.
   */
  readonly config?: string;
  /**
   * Path of a folder with a Dockerfile, relative to the folder that the app runs in: makes the worker a container
   * image, for programs that conversions run. The build finds the worker's code in the folder `worker`
   * (docs/deploy.md).
   * @default a zip file, which needs no Docker
   */
  readonly image?: string;
  /** Change it to deploy the same recipe as the latest one (docs/adr/0013). @default 1 */
  readonly recipeRevision?: number;
  /** Megabytes, from 512 to 10,240; 1,769 provide one core. @default 1769 */
  readonly workerMemory?: number;
  /**
   * Megabytes of the worker's `/tmp`, from 512 to 10,240. Its concurrent conversions share it for their temporary
   * folders and for results that they return as streams. @default 512
   */
  readonly workerStorage?: number;
  /** The worker's architecture. @default arm64, which costs a fifth less */
  readonly architecture?: WorkerArchitecture;
  /** Maximum concurrent invocations for new uploads, from 2 to 1,000. @default 50 */
  readonly concurrency?: number;
  /** Maximum concurrent invocations for retries, from 2 to 1,000. @default 10 */
  readonly retryConcurrency?: number;
  /** Days for which older versions in created upload buckets are kept. @default 30 */
  readonly oldVersionDays?: number;
  /** Days for which logs are kept, from CloudWatch Logs' list. @default 30 */
  readonly logDays?: number;
  /** Hours between two reconciliations, at most 24, or `off`. @default 24 */
  readonly reconcile?: ReconcileSchedule;
  /** Where to send events of results and failure reports (docs/events.md). @default nowhere */
  readonly completions?: Completions;
  /** Prefix of the outputs' names: letters and digits. @default the ids from the stack to the construct */
  readonly outputPrefix?: string;
  /** Exact origins that upload from a browser to created upload buckets. @default none */
  readonly browserOrigins?: readonly string[];
}

/**
 * The pipeline. Each object in an upload bucket gets a result under the same key in the result bucket, or a report in
 * the failure bucket and a message in the dead-letter queue that say why not.
 *
 * When the construct is removed, buckets are retained; the queues and the idempotency table are deleted.
 *
 * The command reads its outputs: `millrace status --stack STACK`, or `STACK/ID` if a stack has several pipelines.
 */
export class ConversionPipeline extends Construct {
  readonly uploadBuckets: readonly IBucket[];
  readonly resultBucket: IBucket;
  readonly failureBucket: IBucket;
  readonly conversionQueue: Queue;
  readonly retryQueue: Queue;
  readonly deadLetterQueue: Queue;
  readonly idempotencyTable: Table;
  readonly worker: LambdaFunction;
  /** Archives dead letters before they expire. */
  readonly expiryGuard: LambdaFunction;
  /** Queues uploads that have neither a result nor a failure report. */
  readonly reconciler: LambdaFunction;
  readonly recipe: Recipe;
  readonly outputPrefix: string | undefined;
  /** Position of the recipe in the order of all deployed recipes; a token. */
  readonly generation: string;
  /** The names for `resultSource` and `resultKey` of `millrace`, as JSON. */
  readonly resultNames: string;
  /** Derived from the recipe's limits. */
  readonly timing: Timing;
  /** Megabytes. */
  readonly workerMemory: number;

  constructor(scope: Construct, id: string, props: ConversionPipelineProps = {}) {
    super(scope, id);
    // Grants access logs by policy, because the bucket has no ACL. Apps without this flag would use an ACL.
    this.node.setContext(S3_SERVER_ACCESS_LOGS_USE_BUCKET_POLICY, true);
    // Lets the buckets use the key of an encrypted topic that receives their events.
    this.node.setContext(S3_TRUST_KEY_POLICY_FOR_SNS_SUBSCRIPTIONS, true);
    checkWorkerRanges(props);
    checkProperties(props);
    const { recipe, bundle } = readConfiguration(props);
    this.recipe = recipe;
    this.outputPrefix = props.outputPrefix;
    this.generation = recipeGeneration(this, this.recipe, props);
    this.timing = timingOf(limitsOf(this.recipe));
    this.workerMemory = props.workerMemory ?? LAMBDA_DEFAULTS.workerMegabytes;
    const { conversionQueue, retryQueue, deadLetterQueue } = createQueues(this, this.timing);
    this.conversionQueue = conversionQueue;
    this.retryQueue = retryQueue;
    this.deadLetterQueue = deadLetterQueue;

    const logs = createLogBucket(this);
    this.uploadBuckets = connectUploadBuckets(this, conversionQueue, logs, {
      ...props,
      uploadBuckets: props.uploadBuckets ?? [{ create: ownBucketName(this) }],
      events: uploadEvents(recipe) as EventType[],
    });
    this.resultBucket = createResultBucket(this, logs);
    this.failureBucket = createFailureBucket(this, logs);
    sendCompletions([this.resultBucket, this.failureBucket], props.completions ?? {});
    this.idempotencyTable = new Table(this, 'Idempotency', {
      // The names that Powertools uses by default.
      partitionKey: { name: 'id', type: AttributeType.STRING },
      timeToLiveAttribute: 'expiration',
      billingMode: BillingMode.PAY_PER_REQUEST,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.worker = createWorker(this, this, { ...props, ...defined({ bundle }) });
    this.expiryGuard = createExpiryGuard(this, this, props.logDays);
    this.reconciler = createReconciler(this, this, props);

    addOutput(this, this, 'uploadBuckets', this.uploadBuckets.map(({ bucketName }) => bucketName).join(','));
    addOutput(this, this, 'resultBucket', this.resultBucket.bucketName);
    addOutput(this, this, 'failureBucket', this.failureBucket.bucketName);
    addOutput(this, this, 'conversionQueueUrl', conversionQueue.queueUrl);
    addOutput(this, this, 'retryQueueUrl', retryQueue.queueUrl);
    addOutput(this, this, 'deadLetterQueueUrl', deadLetterQueue.queueUrl);
    const names = resultNamesOf(this.recipe);
    const { renditions, extensions, rules } = names;
    this.resultNames = Stack.of(this).toJsonString({
      uploadBuckets: this.uploadBuckets.map(({ bucketName }) => bucketName),
      ...names,
    });
    addOutput(this, this, 'renditions', renditions.join(','));
    if (extensions !== undefined) addOutput(this, this, 'extensions', JSON.stringify(extensions));
    addOutput(this, this, 'rules', JSON.stringify(rules));
    addOutput(this, this, 'recipeId', recipeId(this.recipe));
    addOutput(this, this, 'generation', this.generation);
    addOutput(this, this, 'ignore', JSON.stringify(this.recipe.ignore));
    addOutput(this, this, 'whenDeleted', this.recipe.whenDeleted);
  }
}
