import { Aws, Stack } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  Bucket,
  BucketNotificationDestinationType,
  EventType,
  HttpMethods,
  type CfnBucket,
  type IBucket,
} from 'aws-cdk-lib/aws-s3';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { uploadRules } from '../src/core/lifecycle.ts';
import { bucketRules, createBucket } from './buckets.ts';

/**
 * `create` begins the name of a new bucket, account and region follow. `adopt` names one of the same region. Names
 * are plain text, no tokens: the ids of the constructs come from them.
 */
export type UploadBucket = { readonly create: string } | { readonly adopt: string };

interface UploadBucketOptions {
  readonly uploadBuckets: readonly UploadBucket[];
  readonly oldVersionDays?: number;
  readonly browserOrigins?: readonly string[];
}

/** Creates or adopts the upload buckets and lets each of them, and no other, notify the queue. */
export function connectUploadBuckets(
  scope: Construct,
  queue: Queue,
  logs: IBucket,
  options: UploadBucketOptions,
): readonly IBucket[] {
  const names = options.uploadBuckets.map((bucket) =>
    // Known before the bucket is there: the queue's policy names it, and it must not exist before that policy.
    'create' in bucket ? `${bucket.create}-${Aws.ACCOUNT_ID}-${Aws.REGION}` : bucket.adopt,
  );
  queue.addToResourcePolicy(
    new PolicyStatement({
      sid: 'NotificationsOfUploadBuckets',
      principals: [new ServicePrincipal('s3.amazonaws.com')],
      actions: ['sqs:SendMessage'],
      resources: [queue.queueArn],
      conditions: {
        ArnEquals: { 'aws:SourceArn': names.map((name) => bucketArn(scope, name)) },
        StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID },
      },
    }),
  );
  const adoption = options.uploadBuckets.some((bucket) => 'adopt' in bucket)
    ? notificationRole(scope, options.uploadBuckets)
    : undefined;
  return options.uploadBuckets.map((bucket, index) => {
    const bucketName = names[index] ?? '';
    return adoption !== undefined && 'adopt' in bucket
      ? adopt(scope, constructId(bucket), bucketName, queue, adoption)
      : create(scope, constructId(bucket), bucketName, queue, logs, options);
  });
}

/**
 * By the bucket's own name: by its place in the list, a bucket would take over the logical id of another when the
 * list changes. A logical id leaves the hyphens out, but ends in a hash of the id with them.
 */
function constructId(bucket: UploadBucket): string {
  return 'create' in bucket ? `Uploads-${bucket.create}` : `Adopted-${bucket.adopt}`;
}

function create(
  scope: Construct,
  id: string,
  bucketName: string,
  queue: Queue,
  logs: IBucket,
  { oldVersionDays, browserOrigins = [] }: UploadBucketOptions,
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
  // The bucket's own property needs no custom resource; S3 tests it, so the queue's policy must be there first.
  (bucket.node.defaultChild as CfnBucket).notificationConfiguration = {
    queueConfigurations: [{ event: EventType.OBJECT_CREATED, queue: queue.queueArn }],
  };
  bucket.node.addDependency(queue.node.findChild('Policy'));
  return bucket;
}

/** A bucket that may have notifications already keeps them: CDK's custom resource adds ours. */
function adopt(scope: Construct, id: string, bucketName: string, queue: Queue, role: Role): IBucket {
  const bucket = Bucket.fromBucketAttributes(scope, id, {
    bucketName,
    // CDK would give its handler every bucket of the account.
    notificationsHandlerRole: role.withoutPolicyUpdates(),
  });
  bucket.addEventNotification(EventType.OBJECT_CREATED, {
    bind: () => ({
      arn: queue.queueArn,
      type: BucketNotificationDestinationType.QUEUE,
      dependencies: [queue.node.findChild('Policy'), role],
    }),
  });
  return bucket;
}

function notificationRole(scope: Construct, buckets: readonly UploadBucket[]): Role {
  const role = new Role(scope, 'NotificationRole', {
    description: 'Adds the pipeline to the notifications of adopted upload buckets',
    assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
  });
  role.addToPolicy(
    new PolicyStatement({
      actions: ['s3:GetBucketNotification', 's3:PutBucketNotification'],
      resources: buckets.flatMap((bucket) => ('adopt' in bucket ? [bucketArn(scope, bucket.adopt)] : [])),
    }),
  );
  return role;
}

function bucketArn(scope: Construct, name: string): string {
  return Stack.of(scope).formatArn({ service: 's3', region: '', account: '', resource: name });
}
