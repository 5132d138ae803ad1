import { Stack } from 'aws-cdk-lib';
import { EventType, type IBucket, type IBucketNotificationDestination } from 'aws-cdk-lib/aws-s3';
import { SnsDestination, SqsDestination } from 'aws-cdk-lib/aws-s3-notifications';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { acknowledgeNotificationsHandler } from './acknowledgements.ts';

/** Where the result and failure buckets send their events (docs/events.md). */
export interface Completions {
  /** Sends all events of both buckets to the account's default event bus. @default false */
  readonly eventBridge?: boolean;
  /**
   * Receives a notification of each result and failure report: `new SnsDestination(topic)` or `new
   * SqsDestination(queue)`. S3 allows one destination per event; for several, use a topic or EventBridge. @default
   * none
   */
  readonly destination?: IBucketNotificationDestination;
}

/** Connects the buckets through CDK's custom resource, so that an app can add its own notifications to them. */
export function sendCompletions(
  buckets: readonly IBucket[],
  { eventBridge = false, destination }: Completions,
): void {
  for (const bucket of buckets) {
    if (eventBridge) bucket.enableEventBridgeNotification();
    if (destination !== undefined) bucket.addEventNotification(EventType.OBJECT_CREATED, destination);
    acknowledgeNotificationsHandler(Stack.of(bucket));
  }
}

/**
 * Parses the setting: `eventBridge`, or the ARN of a topic or queue, whose policy must let the buckets send, because
 * CDK cannot change it.
 */
export function completionsOf(scope: Construct, setting: string): Completions {
  if (setting === 'eventBridge') return { eventBridge: true };
  const destination = setting.includes(':sns:')
    ? new SnsDestination(Topic.fromTopicArn(scope, 'Completions', setting))
    : new SqsDestination(Queue.fromQueueArn(scope, 'Completions', setting));
  return { destination };
}
