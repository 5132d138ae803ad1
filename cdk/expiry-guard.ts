import { Duration } from 'aws-cdk-lib';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction as LambdaTarget } from 'aws-cdk-lib/aws-events-targets';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { ENV } from '../src/core/env.ts';
import { ARCHIVE_PREFIX } from '../src/core/reserved-prefixes.ts';
import { acknowledgeObjects } from './acknowledgements.ts';
import { createFunction } from './function.ts';

export interface GuardResources {
  readonly uploadBuckets: readonly IBucket[];
  readonly failureBucket: IBucket;
  readonly deadLetterQueue: Queue;
}

/** Long enough to read through a queue of a hundred thousand. */
const TIMEOUT_SECONDS = 300;

/** Creates the function that moves dead letters to the failure bucket, every hour, before SQS deletes them. */
export function createExpiryGuard(
  scope: Construct,
  { uploadBuckets, failureBucket, deadLetterQueue }: GuardResources,
  logDays = 30,
): LambdaFunction {
  const guard = createFunction(scope, 'ExpiryGuard', {
    description: 'Archives dead letters before they expire',
    code: 'guard',
    architecture: 'arm64',
    memory: 512,
    timeoutSeconds: TIMEOUT_SECONDS,
    logDays,
    environment: {
      [ENV.uploadBuckets]: uploadBuckets.map(({ bucketName }) => bucketName).join(','),
      [ENV.failureBucket]: failureBucket.bucketName,
      [ENV.deadLetterQueueUrl]: deadLetterQueue.queueUrl,
    },
  });
  const reports = failureBucket.arnForObjects('*');
  const archive = failureBucket.arnForObjects(`${ARCHIVE_PREFIX}*`);
  const statements: [string, string[], string[]][] = [
    // Without this permission, S3 answers 403 instead of 404 for a missing report.
    ['FindReports', ['s3:ListBucket'], [failureBucket.bucketArn]],
    ['ReadReports', ['s3:GetObject'], [reports]],
    ['ArchiveDeadLetters', ['s3:PutObject'], [archive]],
    [
      'TakeDeadLetters',
      ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:ChangeMessageVisibility', 'sqs:GetQueueAttributes'],
      [deadLetterQueue.queueArn],
    ],
  ];
  for (const [sid, actions, resources] of statements) {
    guard.addToRolePolicy(new PolicyStatement({ sid, actions, resources }));
  }
  acknowledgeObjects(guard, [reports, archive]);
  new Rule(scope, 'ExpiryGuardSchedule', {
    description: 'When the expiry guard looks at the dead-letter queue',
    schedule: Schedule.rate(Duration.hours(1)),
    targets: [new LambdaTarget(guard)],
  });
  return guard;
}
