import { Duration } from 'aws-cdk-lib';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction as LambdaTarget } from 'aws-cdk-lib/aws-events-targets';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { acknowledgeObjects } from './acknowledgements.ts';
import { createFunction } from './function.ts';
import { allowSelfInvocation } from './self-invocation.ts';
import { pipelineEnvironment, type DescribedPipeline } from './pipeline-environment.ts';

/** Hours between reconciliations, at most 24. With `off`, you invoke the function yourself. */
export type ReconcileSchedule = number | 'off';

/** Lambda's maximum. A longer reconciliation continues in another invocation. */
const TIMEOUT_SECONDS = 15 * 60;
const DAY_HOURS = 24;

/** Creates the function that queues uploads with neither a result nor a failure report. */
export function createReconciler(
  scope: Construct,
  pipeline: DescribedPipeline,
  { reconcile = DAY_HOURS, logDays = 30 }: { reconcile?: ReconcileSchedule; logDays?: number },
): LambdaFunction {
  const reconciler = createFunction(scope, 'Reconciler', {
    description: 'Queues uploads without an outcome, and deleted uploads whose results are to be deleted',
    code: 'reconcile',
    architecture: 'arm64',
    // The function mostly waits for listings and holds two pages of each.
    memory: 512,
    timeoutSeconds: TIMEOUT_SECONDS,
    logDays,
    invokesItself: true,
    environment: pipelineEnvironment(pipeline),
  });
  const { uploadBuckets, resultBucket, failureBucket, conversionQueue } = pipeline;
  const buckets = [...uploadBuckets, resultBucket, failureBucket];
  const objects = buckets.map((bucket) => bucket.arnForObjects('*'));
  const statements: [string, string[], string[]][] = [
    ['ListObjects', ['s3:ListBucket'], buckets.map(({ bucketArn }) => bucketArn)],
    // Needed where listings do not show which upload a result or report belongs to.
    ['ReadObjects', ['s3:GetObject'], objects],
    ['QueueUploads', ['sqs:SendMessage'], [conversionQueue.queueArn]],
  ];
  for (const [sid, actions, resources] of statements) {
    reconciler.addToRolePolicy(new PolicyStatement({ sid, actions, resources }));
  }
  allowSelfInvocation(scope, 'ReconcilerSelfInvocation', reconciler);
  acknowledgeObjects(reconciler, objects);
  new Rule(scope, 'ReconcilerSchedule', {
    description: 'When uploads are reconciled with their results',
    schedule: Schedule.rate(Duration.hours(reconcile === 'off' ? DAY_HOURS : reconcile)),
    enabled: reconcile !== 'off',
    targets: [new LambdaTarget(reconciler)],
  });
  return reconciler;
}
