import { AwsError } from '../../aws-error.ts';
import { createBucket, type Bucket, type BucketSettings, type QueueNotification } from '../bucket.ts';
import { testEventBody } from '../notifications.ts';
import { bucketKey } from './journal-keys.ts';
import { newId, type S3State } from './state.ts';
import { abortUpload, uploadsOf } from './uploads.ts';

export function makeBucket(state: S3State, name: string): void {
  if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name) || name.includes('..'))
    throw new AwsError('InvalidBucketName', 400, 'The specified bucket is not valid.', { BucketName: name });
  if (state.buckets.has(name)) {
    throw new AwsError(
      'BucketAlreadyOwnedByYou',
      409,
      'Your previous request to create the named bucket succeeded and you already own it.',
      { BucketName: name },
    );
  }
  const bucket = createBucket(name, state.clock.now(), { cors: [], notifications: [] });
  state.buckets.set(name, bucket);
  keep(state, bucket);
}

export function removeBucket(state: S3State, name: string): void {
  const bucket = bucketNamed(state, name);
  if (bucket.versions.size > 0) {
    throw new AwsError('BucketNotEmpty', 409, 'The bucket you tried to delete is not empty', {
      BucketName: name,
    });
  }
  for (const upload of uploadsOf(state, bucket)) abortUpload(state, upload);
  for (const [id, { bucket: former }] of state.completed) if (former === name) state.completed.delete(id);
  state.buckets.delete(name);
  state.journal.del(bucketKey(name));
}

export function bucketsByName({ buckets }: S3State): Bucket[] {
  return [...buckets.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

export function bucketNamed({ buckets }: S3State, name: string): Bucket {
  const bucket = buckets.get(name);
  if (bucket === undefined)
    throw new AwsError('NoSuchBucket', 404, 'The specified bucket does not exist', { BucketName: name });
  return bucket;
}

/** Changes settings, and sends the test event to each queue that is named for the first time. */
export function changeSettings(state: S3State, bucket: Bucket, changes: Partial<BucketSettings>): void {
  const { notifications = [] } = changes;
  checkQueues(state, notifications);
  const known = new Set(bucket.settings.notifications.map(({ queueArn }) => queueArn));
  bucket.settings = { ...bucket.settings, ...changes };
  keep(state, bucket);
  const added = new Set(notifications.map(({ queueArn }) => queueArn).filter((arn) => !known.has(arn)));
  for (const arn of added) state.deliver(arn, testEventBody(bucket.name, newId(state), state.clock.now()));
}

function checkQueues({ queueExists }: S3State, notifications: readonly QueueNotification[]): void {
  const unknown = notifications.find(({ queueArn }) => !queueExists(queueArn));
  if (unknown === undefined) return;
  throw new AwsError('InvalidArgument', 400, 'Unable to validate the following destination configurations', {
    ArgumentName: unknown.queueArn,
    ArgumentValue: 'The destination queue does not exist',
  });
}

function keep({ journal }: S3State, { name, createdAt, settings }: Bucket): void {
  journal.put(bucketKey(name), { name, createdAt, settings });
}
