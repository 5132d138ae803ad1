import { Aws, Names, Stack } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  Bucket,
  BucketNotificationDestinationType,
  type EventType,
  HttpMethods,
  type CfnBucket,
  type IBucket,
} from 'aws-cdk-lib/aws-s3';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { uploadRules } from '../src/core/lifecycle.ts';
import { acknowledgeNotificationsHandler } from './acknowledgements.ts';
import { LONGEST_NEW_NAME } from './bucket-name.ts';
import { bucketRules, createBucket } from './buckets.ts';

/**
 * `create` is a new bucket's name, to which account and region are added. `adopt` is a bucket in the same region:
 * a construct of the app, or the name of an existing bucket. Names must be plain text, not tokens, because construct
 * ids are derived from them. If the app itself adds notifications to a bucket, pass its construct: with two
 * constructs for one bucket, CDK makes two resources, and removing either removes the notifications of both.
 */
export type UploadBucket = { readonly create: string } | { readonly adopt: string | Bucket | IBucket };

interface UploadBucketOptions {
  readonly uploadBuckets: readonly UploadBucket[];
  readonly oldVersionDays?: number;
  readonly browserOrigins?: readonly string[];
  /** Types of the events that notify the queue. */
  readonly events: readonly EventType[];
}

/** Returns a bucket name prefix that is unique in the account and region. */
export function ownBucketName(scope: Construct): string {
  return Names.uniqueResourceName(scope, { maxLength: LONGEST_NEW_NAME, separator: '-' }).toLowerCase();
}

/** Creates or adopts the upload buckets, and lets only them notify the queue. */
export function connectUploadBuckets(
  scope: Construct,
  queue: Queue,
  logs: IBucket,
  options: UploadBucketOptions,
): readonly IBucket[] {
  // Known before a new bucket exists, because the queue's policy names the bucket and must exist first.
  const createdName = (name: string) => `${name}-${Aws.ACCOUNT_ID}-${Aws.REGION}`;
  const adopted = (bucket: string | Bucket | IBucket) =>
    typeof bucket === 'string'
      ? Bucket.fromBucketName(scope, `Adopted-${bucket}`, bucket)
      : (bucket as IBucket);
  const buckets = options.uploadBuckets.map((bucket) =>
    'adopt' in bucket
      ? { adopt: adopted(bucket.adopt) }
      : { id: `Uploads-${bucket.create}`, create: createdName(bucket.create) },
  );
  const arns = buckets.map((bucket) =>
    bucket.create === undefined ? bucket.adopt.bucketArn : bucketArn(scope, bucket.create),
  );
  queue.addToResourcePolicy(
    new PolicyStatement({
      sid: 'NotificationsOfUploadBuckets',
      principals: [new ServicePrincipal('s3.amazonaws.com')],
      actions: ['sqs:SendMessage'],
      resources: [queue.queueArn],
      conditions: {
        ArnEquals: { 'aws:SourceArn': arns },
        StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID },
      },
    }),
  );
  return buckets.map((bucket) => {
    if (bucket.create !== undefined) return create(scope, bucket.id, bucket.create, queue, logs, options);
    notify(bucket.adopt, queue, options.events);
    return bucket.adopt;
  });
}

/**
 * A created bucket's id contains the bucket's name. If it were the bucket's position in the list, a bucket would take
 * over another's logical id when the list changes. Logical ids omit hyphens, but end in a hash of the id with them.
 */
function create(
  scope: Construct,
  id: string,
  bucketName: string,
  queue: Queue,
  logs: IBucket,
  { oldVersionDays, browserOrigins = [], events }: UploadBucketOptions,
): IBucket {
  const bucket = createBucket(scope, id, {
    bucketName,
    versioned: true,
    lifecycleRules: bucketRules(uploadRules(oldVersionDays)),
    serverAccessLogsBucket: logs,
    serverAccessLogsPrefix: `${id.toLowerCase()}/`,
    ...(browserOrigins.length === 0
      ? {}
      : {
          cors: [
            {
              allowedOrigins: [...browserOrigins],
              allowedMethods: [HttpMethods.POST, HttpMethods.PUT, HttpMethods.GET],
              allowedHeaders: ['*'],
              exposedHeaders: ['ETag'],
              maxAge: 3600,
            },
          ],
        }),
  });
  // The bucket's own property needs no custom resource; S3 tests it, so the queue's policy must exist first.
  (bucket.node.defaultChild as CfnBucket).notificationConfiguration = {
    queueConfigurations: events.map((event) => ({ event, queue: queue.queueArn })),
  };
  bucket.node.addDependency(queue.node.findChild('Policy'));
  bucket.node.addValidation({ validate: () => ownNotificationsOf(bucket) });
  return bucket;
}

/** On a bucket that the stack creates, CDK's custom resource replaces every notification that it did not add. */
function ownNotificationsOf({ node }: IBucket): string[] {
  if (node.tryFindChild('Notifications') === undefined) return [];
  const what = `notifications that the app adds to ${node.id} would replace the pipeline's, so uploads would not be converted`;
  return [`${what}. Create the bucket in your app and pass it as { adopt: bucket }`];
}

/** Adds our notifications. The bucket keeps those it has, because CDK's custom resource adds to them. */
function notify(bucket: IBucket, queue: Queue, events: readonly EventType[]): void {
  for (const event of events)
    bucket.addEventNotification(event, {
      bind: () => ({
        arn: queue.queueArn,
        type: BucketNotificationDestinationType.QUEUE,
        dependencies: [queue.node.findChild('Policy')],
      }),
    });
  acknowledgeNotificationsHandler(Stack.of(bucket));
}

function bucketArn(scope: Construct, name: string): string {
  return Stack.of(scope).formatArn({ service: 's3', region: '', account: '', resource: name });
}
