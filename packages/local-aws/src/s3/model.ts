import type { Bucket, BucketSettings } from './bucket.ts';
import type { WriteConditions } from './conditions.ts';
import * as buckets from './model/buckets.ts';
import { completedUpload, completeUpload } from './model/complete.ts';
import { contents, type StoredContent } from './model/contents.ts';
import { deleteObject, type Deleted } from './model/deletes.ts';
import { expire } from './model/expire.ts';
import { findVersion } from './model/find.ts';
import { restore } from './model/restore.ts';
import { createState, type CompletedUpload, type PendingWrite, type S3ModelOptions } from './model/state.ts';
import * as uploads from './model/uploads.ts';
import { abandonWrite, beginWrite, commitWrite, type NewObject } from './model/writes.ts';
import type { Completion, MultipartUpload, Part } from './multipart.ts';
import type { Content, Descriptive, Version } from './version.ts';

/**
 * S3's behavior as plain state and rules: no I/O, and time only from the clock. Each change is committed in one
 * synchronous step together with its notifications.
 */
export interface S3Model {
  createBucket(name: string): void;
  deleteBucket(name: string): void;
  buckets(): Bucket[];
  /** @throws AwsError NoSuchBucket */
  bucket(name: string): Bucket;
  changeSettings(bucket: Bucket, changes: Partial<BucketSettings>): void;

  /**
   * Returns the current version, or the named version. @throws AwsError NoSuchKey, NoSuchVersion, MethodNotAllowed
   */
  find(bucket: Bucket, key: string, versionId?: string): Version;
  /** Call this before the body of a write is received, and `commit` or `abandon` afterwards. */
  begin(bucket: Bucket, key: string): PendingWrite;
  /** @throws AwsError PreconditionFailed, NoSuchKey, ConditionalRequestConflict */
  commit(write: PendingWrite, object: NewObject, conditions: WriteConditions): Version;
  abandon(write: PendingWrite): void;
  delete(bucket: Bucket, key: string, versionId: string | undefined, conditions: WriteConditions): Deleted;

  createUpload(bucket: Bucket, key: string, descriptive: Descriptive): MultipartUpload;
  /** @throws AwsError NoSuchUpload */
  upload(bucket: Bucket, key: string, id: string): MultipartUpload;
  uploads(bucket: Bucket): MultipartUpload[];
  putPart(upload: MultipartUpload, number: number, content: Content): Part;
  completeUpload(
    upload: MultipartUpload,
    completion: Completion,
    write: PendingWrite,
    conditions: WriteConditions,
  ): Version;
  /** Returns what an upload became, if it was completed with the same parts. */
  completedUpload(
    bucket: Bucket,
    key: string,
    id: string,
    completion: Completion,
  ): CompletedUpload | undefined;
  abortUpload(upload: MultipartUpload): void;

  /**
   * Applies a bucket's lifecycle rules. Yields after each changed key and upload; the bucket may be changed in
   * between.
   */
  expire(bucket: Bucket): Iterable<void>;

  /** Loads the state that an earlier process stored. */
  restore(): Promise<void>;
  /** Returns everything that has content: versions, and parts of incomplete uploads. */
  contents(): Iterable<StoredContent>;
}

/** Creates the model with new state. Each operation is a function in `model/`. */
export function createS3Model(options: S3ModelOptions): S3Model {
  const state = createState(options);
  return {
    createBucket: (name) => buckets.makeBucket(state, name),
    deleteBucket: (name) => buckets.removeBucket(state, name),
    buckets: () => buckets.bucketsByName(state),
    bucket: (name) => buckets.bucketNamed(state, name),
    changeSettings: (bucket, changes) => buckets.changeSettings(state, bucket, changes),
    find: findVersion,
    begin: (bucket, key) => beginWrite(state, bucket, key),
    commit: (write, object, conditions) => commitWrite(state, write, object, conditions),
    abandon: (write) => abandonWrite(state, write),
    delete: (bucket, key, versionId, conditions) => deleteObject(state, bucket, key, versionId, conditions),
    createUpload: (bucket, key, descriptive) => uploads.createUpload(state, bucket, key, descriptive),
    upload: (bucket, key, id) => uploads.findUpload(state, bucket, key, id),
    uploads: (bucket) => uploads.uploadsOf(state, bucket),
    putPart: (upload, number, content) => uploads.putPart(state, upload, number, content),
    completeUpload: (upload, completion, write, conditions) =>
      completeUpload(state, upload, completion, write, conditions),
    completedUpload: (bucket, key, id, completion) => completedUpload(state, bucket, key, id, completion),
    abortUpload: (upload) => uploads.abortUpload(state, upload),
    expire: (bucket) => expire(state, bucket),
    restore: () => restore(state),
    contents: () => contents(state),
  };
}
