import {
  GetBucketNotificationConfigurationCommand,
  PutBucketNotificationConfigurationCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { localClientConfig } from '@millrace/local-aws/client-config';
import { createSdkClient, SERVICE_LIMITS } from '../core/sdk-client.ts';
import { SETTINGS } from '../core/settings.ts';
import { BUCKETS, createQueue, type Queue } from './resources.ts';

const COMPLETIONS = 'millrace-completions';

/**
 * Lets the result and failure buckets notify a queue, as the construct's `completions` does, or removes that of an
 * earlier run on the same data folder. Other notifications of the buckets stay.
 * @returns the queue, if wanted
 */
export async function connectCompletions(awsUrl: string, wanted: boolean): Promise<Queue | undefined> {
  const client = localClientConfig(awsUrl);
  const s3 = createSdkClient(S3Client, { ...client, forcePathStyle: true }, SERVICE_LIMITS);
  const sqs = createSdkClient(SQSClient, client, SERVICE_LIMITS);
  try {
    const queue = wanted
      ? await createQueue(sqs, COMPLETIONS, {
          MessageRetentionPeriod: String(SETTINGS.queueRetentionSeconds),
        })
      : undefined;
    await Promise.all([BUCKETS.results, BUCKETS.failures].map((bucket) => notify(s3, bucket, queue)));
    return queue;
  } finally {
    s3.destroy();
    sqs.destroy();
  }
}

async function notify(s3: S3Client, Bucket: string, queue: Queue | undefined): Promise<void> {
  const { QueueConfigurations = [] } = await s3.send(
    new GetBucketNotificationConfigurationCommand({ Bucket }),
  );
  const others = QueueConfigurations.filter(({ Id }) => Id !== COMPLETIONS);
  if (queue === undefined && others.length === QueueConfigurations.length) return;
  const ours = { Id: COMPLETIONS, QueueArn: queue?.arn, Events: ['s3:ObjectCreated:*' as const] };
  await s3.send(
    new PutBucketNotificationConfigurationCommand({
      Bucket,
      NotificationConfiguration: {
        QueueConfigurations: queue === undefined ? others : [...others, ours],
      },
    }),
  );
}
