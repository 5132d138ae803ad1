import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { PROGRESS_PREFIX, REDRIVES_PREFIX } from '../src/core/reserved-prefixes.ts';
import { acknowledgeObjects } from './acknowledgements.ts';
import type { ConversionPipeline } from './conversion-pipeline.ts';
import { createFunction } from './function.ts';
import { letGoOn } from './goes-on.ts';
import { pipelineEnvironment } from './pipeline-environment.ts';

/** The longest that Lambda allows; a redrive that takes longer goes on in another invocation. */
const TIMEOUT_SECONDS = 15 * 60;

/** The function that runs the redrives of the API: it moves dead letters and follows what becomes of them. */
export function createRedriveRunner(
  scope: Construct,
  pipeline: ConversionPipeline,
  logDays: number,
): LambdaFunction {
  const runner = createFunction(scope, 'RedriveRunner', {
    description: 'Runs redrives of dead letters',
    code: 'redrive',
    architecture: 'arm64',
    // What is followed is in memory: some hundred bytes an object.
    memory: 1024,
    timeoutSeconds: TIMEOUT_SECONDS,
    logDays,
    goesOnByItself: true,
    environment: pipelineEnvironment(pipeline),
  });
  const { uploadBuckets, resultBucket, failureBucket } = pipeline;
  const { conversionQueue, retryQueue, deadLetterQueue } = pipeline;
  const buckets = [...uploadBuckets, resultBucket, failureBucket];
  const objects = buckets.map((bucket) => bucket.arnForObjects('*'));
  const records = [REDRIVES_PREFIX, PROGRESS_PREFIX].map((prefix) =>
    failureBucket.arnForObjects(`${prefix}*`),
  );
  const statements: [string, string[], string[]][] = [
    // Without it a key that is not there answers 403, not 404.
    ['FindObjects', ['s3:ListBucket'], buckets.map(({ bucketArn }) => bucketArn)],
    ['FollowObjects', ['s3:GetObject'], objects],
    ['KeepRecords', ['s3:PutObject'], records],
    [
      'TakeDeadLetters',
      ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:ChangeMessageVisibility'],
      [deadLetterQueue.queueArn],
    ],
    ['SendBack', ['sqs:SendMessage'], [retryQueue.queueArn]],
    // Whether others hide dead letters, and whether anything is left to do.
    [
      'SeeQueues',
      ['sqs:GetQueueAttributes'],
      [conversionQueue.queueArn, retryQueue.queueArn, deadLetterQueue.queueArn],
    ],
  ];
  for (const [sid, actions, resources] of statements) {
    runner.addToRolePolicy(new PolicyStatement({ sid, actions, resources }));
  }
  letGoOn(scope, 'RedriveRunnerGoesOn', runner);
  acknowledgeObjects(runner, [...objects, ...records]);
  return runner;
}
