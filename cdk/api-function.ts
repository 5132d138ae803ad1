import { ArnFormat, Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { ENV } from '../src/core/env.ts';
import { BATCHES_PREFIX } from '../src/core/keys.ts';
import { REDRIVES_PREFIX } from '../src/core/reserved-prefixes.ts';
import type { ConversionPipeline } from './conversion-pipeline.ts';
import { acknowledgeMetrics, acknowledgeObjects } from './acknowledgements.ts';
import { createFunction } from './function.ts';
import { pipelineEnvironment } from './pipeline-environment.ts';
import { generationFor } from './recipe-generation.ts';

interface ApiFunctionOptions {
  pipeline: ConversionPipeline;
  /** Runs redrives. */
  runner: LambdaFunction;
  logDays: number;
}

/**
 * API Gateway times out after 30 seconds.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html
 */
const TIMEOUT_SECONDS = 29;

/** Creates the function behind the HTTP API, with the permissions for uploads, status and operations. */
export function createApiFunction(
  scope: Construct,
  { pipeline, runner, logDays }: ApiFunctionOptions,
): LambdaFunction {
  const api = createFunction(scope, 'Function', {
    description: 'Answers the HTTP API',
    code: 'api',
    architecture: 'arm64',
    memory: 512,
    timeoutSeconds: TIMEOUT_SECONDS,
    logDays,
    environment: {
      ...pipelineEnvironment(pipeline, generationFor(scope, pipeline)),
      [ENV.workerFunction]: pipeline.worker.functionName,
      [ENV.redriveFunction]: runner.functionName,
    },
  });

  const { uploadBuckets, resultBucket, failureBucket } = pipeline;
  const { conversionQueue, retryQueue, deadLetterQueue } = pipeline;
  const buckets = [...uploadBuckets, resultBucket, failureBucket];
  const objects = (of: readonly IBucket[]) => of.map((bucket) => bucket.arnForObjects('*'));
  const records = failureBucket.arnForObjects(`${REDRIVES_PREFIX}*`);
  const batches = uploadBuckets.slice(0, 1).map((bucket) => bucket.arnForObjects(`${BATCHES_PREFIX}*`));
  const statements: [string, string[], string[]][] = [
    // Without this permission, S3 answers 403 instead of 404 for a missing key.
    ['FindObjects', ['s3:ListBucket'], buckets.map(({ bucketArn }) => bucketArn)],
    ['ReadObjects', ['s3:GetObject'], objects(buckets)],
    // The signer of a presigned request or POST policy needs the same permissions.
    ['SignUploads', ['s3:PutObject', 's3:AbortMultipartUpload'], batches],
    ['KeepRecords', ['s3:PutObject'], [records]],
    [
      'HandleDeadLetters',
      [
        'sqs:ReceiveMessage',
        'sqs:DeleteMessage',
        'sqs:ChangeMessageVisibility',
        'sqs:GetQueueAttributes',
        'sqs:ListMessageMoveTasks',
        'sqs:CancelMessageMoveTask',
      ],
      [deadLetterQueue.queueArn],
    ],
    ['StartRedrives', ['lambda:InvokeFunction'], [runner.functionArn]],
    // For the number of waiting messages.
    ['SeeQueues', ['sqs:GetQueueAttributes'], [conversionQueue.queueArn, retryQueue.queueArn]],
  ];
  for (const [sid, actions, resources] of statements) {
    api.addToRolePolicy(new PolicyStatement({ sid, actions, resources }));
  }
  api.addToRolePolicy(
    new PolicyStatement({ sid: 'SeeCounts', actions: ['cloudwatch:GetMetricData'], resources: ['*'] }),
  );
  // For previews and signed uploads.
  for (const { encryptionKey } of uploadBuckets)
    encryptionKey?.grant(api, 'kms:Decrypt', 'kms:GenerateDataKey');
  acknowledgeMetrics(api);
  acknowledgeObjects(api, [...objects(buckets), ...batches, records]);
  return api;
}

/** Lets operators see the state of an alarm. @param name of an alarm in the function's account and region */
export function showAlarm(api: LambdaFunction, name: string): void {
  api.addEnvironment(ENV.deadLetterAlarm, name);
  const alarm = Stack.of(api).formatArn({
    service: 'cloudwatch',
    resource: 'alarm',
    resourceName: name,
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
  api.addToRolePolicy(
    // Not named, because there may be several, and names must be unique.
    new PolicyStatement({ actions: ['cloudwatch:DescribeAlarms'], resources: [alarm] }),
  );
}
