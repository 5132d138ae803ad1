import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { PROGRESS_PREFIX, REDRIVES_PREFIX } from '../src/core/reserved-prefixes.ts';
import { acknowledgeObjects } from './acknowledgements.ts';
import type { ConversionPipeline } from './conversion-pipeline.ts';
import { createFunction } from './function.ts';
import { allowSelfInvocation } from './self-invocation.ts';
import { pipelineEnvironment } from './pipeline-environment.ts';
import { generationFor } from './recipe-generation.ts';

/** Lambda's maximum. A longer redrive continues in another invocation. */
const TIMEOUT_SECONDS = 15 * 60;

/** Creates the function that runs the API's redrives: it moves dead letters and follows their outcome. */
export function createRedriveRunner(
  scope: Construct,
  pipeline: ConversionPipeline,
  logDays: number,
): LambdaFunction {
  const runner = createFunction(scope, 'RedriveRunner', {
    description: 'Runs redrives of dead letters',
    code: 'redrive',
    architecture: 'arm64',
    // Followed objects are kept in memory, a few hundred bytes each.
    memory: 1024,
    timeoutSeconds: TIMEOUT_SECONDS,
    logDays,
    invokesItself: true,
    environment: pipelineEnvironment(pipeline, generationFor(scope, pipeline)),
  });
  const { uploadBuckets, resultBucket, failureBucket } = pipeline;
  const { conversionQueue, retryQueue, deadLetterQueue } = pipeline;
  const buckets = [...uploadBuckets, resultBucket, failureBucket];
  const objects = buckets.map((bucket) => bucket.arnForObjects('*'));
  const records = [REDRIVES_PREFIX, PROGRESS_PREFIX].map((prefix) =>
    failureBucket.arnForObjects(`${prefix}*`),
  );
  const statements: [string, string[], string[]][] = [
    // Without this permission, S3 answers 403 instead of 404 for a missing key.
    ['FindObjects', ['s3:ListBucket'], buckets.map(({ bucketArn }) => bucketArn)],
    ['FollowObjects', ['s3:GetObject'], objects],
    ['KeepRecords', ['s3:PutObject'], records],
    [
      'TakeDeadLetters',
      ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:ChangeMessageVisibility'],
      [deadLetterQueue.queueArn],
    ],
    ['SendBack', ['sqs:SendMessage'], [retryQueue.queueArn]],
    // Shows whether other readers hide dead letters, and whether work is left.
    [
      'SeeQueues',
      ['sqs:GetQueueAttributes'],
      [conversionQueue.queueArn, retryQueue.queueArn, deadLetterQueue.queueArn],
    ],
  ];
  for (const [sid, actions, resources] of statements) {
    runner.addToRolePolicy(new PolicyStatement({ sid, actions, resources }));
  }
  allowSelfInvocation(scope, 'RedriveRunnerSelfInvocation', runner);
  acknowledgeObjects(runner, [...objects, ...records]);
  return runner;
}
