import { Duration, Names, Stack } from 'aws-cdk-lib';
import { Queue, QueueEncryption, RedrivePermission } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { SETTINGS } from '../src/core/settings.ts';
import type { Timing } from '../src/core/timing.ts';

/** Creates the three queues. The conversion and retry queues share a dead-letter queue, which accepts no other source. */
export function createQueues(scope: Construct, timing: Timing) {
  // Named here, so that the dead-letter queue can name its sources, which in turn name it.
  const names = ['conversion', 'retry'].map(
    (lane) => `${Names.uniqueResourceName(scope, { maxLength: 60, separator: '-' })}-${lane}`,
  );
  const common = { encryption: QueueEncryption.SQS_MANAGED, enforceSSL: true };
  const deadLetterQueue = new Queue(scope, 'DeadLetterQueue', {
    ...common,
    retentionPeriod: Duration.seconds(SETTINGS.deadLetterRetentionSeconds),
    redriveAllowPolicy: {
      redrivePermission: RedrivePermission.BY_QUEUE,
      sourceQueues: names.map((queueName, index) =>
        Queue.fromQueueArn(
          scope,
          `Source${index}`,
          Stack.of(scope).formatArn({ service: 'sqs', resource: queueName }),
        ),
      ),
    },
  });
  const [conversionQueue, retryQueue] = (['ConversionQueue', 'RetryQueue'] as const).map(
    (id, index) =>
      new Queue(scope, id, {
        ...common,
        queueName: names[index] ?? '',
        visibilityTimeout: Duration.seconds(timing.visibilityTimeoutSeconds),
        retentionPeriod: Duration.seconds(SETTINGS.queueRetentionSeconds),
        deadLetterQueue: { queue: deadLetterQueue, maxReceiveCount: SETTINGS.maxReceiveCount },
      }),
  ) as [Queue, Queue];
  return { conversionQueue, retryQueue, deadLetterQueue };
}
