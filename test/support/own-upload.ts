import {
  DeleteObjectCommand,
  GetBucketNotificationConfigurationCommand,
  PutBucketNotificationConfigurationCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { newBatchId } from '../../src/api/batch.ts';
import { untilQuiet, type TestPipeline } from './pipeline.ts';

/** A test's upload, alone in its batch, and operations on it. */
export interface OwnUpload {
  batch: string;
  key: string;
  /** Uploads, and waits until the pipeline is idle. @returns the version id */
  put(body: string | Uint8Array): Promise<string | undefined>;
  /** Uploads without a notification, as if it was lost. @returns the version id */
  putUnannounced(body: string | Uint8Array): Promise<string | undefined>;
  /** Permanently deletes a version or delete marker; without an id, adds a delete marker. @returns the marker's id */
  remove(versionId?: string): Promise<string | undefined>;
  /** Deletes the object under its key in the result or failure bucket. */
  removeFrom(bucket: 'results' | 'failures'): Promise<void>;
}

type At = Pick<TestPipeline, 's3' | 'sqs' | 'queues'>;

export function ownUpload(pipeline: At, name = 'photo.png'): OwnUpload {
  const { s3 } = pipeline;
  const batch = newBatchId();
  const key = `batches/${batch}/${name}`;
  const store = async (Body: string | Uint8Array) =>
    (await s3.send(new PutObjectCommand({ Bucket: 'uploads', Key: key, Body }))).VersionId;
  return {
    batch,
    key,
    async put(body) {
      const version = await store(body);
      await untilQuiet(pipeline);
      return version;
    },
    putUnannounced: (body) => unannounced(pipeline, () => store(body)),
    async remove(VersionId) {
      return (await s3.send(new DeleteObjectCommand({ Bucket: 'uploads', Key: key, VersionId }))).VersionId;
    },
    async removeFrom(Bucket) {
      await s3.send(new DeleteObjectCommand({ Bucket, Key: key }));
    },
  };
}

/** Runs a function while the upload bucket sends no notifications. */
async function unannounced<T>({ s3 }: At, run: () => Promise<T>): Promise<T> {
  const Bucket = 'uploads';
  const { QueueConfigurations } = await s3.send(new GetBucketNotificationConfigurationCommand({ Bucket }));
  const announce = (NotificationConfiguration: object) =>
    s3.send(new PutBucketNotificationConfigurationCommand({ Bucket, NotificationConfiguration }));
  await announce({});
  try {
    return await run();
  } finally {
    await announce({ QueueConfigurations });
  }
}
