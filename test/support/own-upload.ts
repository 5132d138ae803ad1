import {
  DeleteObjectCommand,
  GetBucketNotificationConfigurationCommand,
  PutBucketNotificationConfigurationCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { newBatchId } from '../../src/api/batch.ts';
import { untilQuiet, type TestPipeline } from './pipeline.ts';

/** An upload of a test's own, alone in its batch, and what can be done to it. */
export interface OwnUpload {
  batch: string;
  key: string;
  /** Uploads, and waits until the pipeline is quiet. @returns the version id */
  put(body: string | Uint8Array): Promise<string | undefined>;
  /** Uploads without S3 telling anybody, as if its notification got lost. @returns the version id */
  putUnannounced(body: string | Uint8Array): Promise<string | undefined>;
  /** Deletes a version or a delete marker for good; without an id, puts a delete marker. @returns the marker's id */
  remove(versionId?: string): Promise<string | undefined>;
  /** Deletes what lies under its key in the result or failure bucket. */
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

/** Runs while the upload bucket announces nothing. */
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
