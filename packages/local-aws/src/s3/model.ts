import { AwsError } from '../aws-error.ts';
import type { Clock } from '../clock.ts';
import type { Journal } from '../journal.ts';
import type { Random } from '../random.ts';
import { createBucket, newest, type Bucket, type BucketSettings, type QueueNotification } from './bucket.ts';
import { checkWrite, type WriteConditions } from './conditions.ts';
import { dueVersions, isAbandoned } from './lifecycle.ts';
import { assemble, type Completion, type MultipartUpload, type Part } from './multipart.ts';
import { eventBody, testEventBody, wants, type EventName } from './notifications.ts';
import type { Content, Descriptive, Segment, Version } from './version.ts';

export interface S3ModelOptions {
  clock: Clock;
  random: Random;
  journal: Journal;
  region: string;
  /** Hands a notification to a queue, at once. */
  deliver(queueArn: string, body: string): void;
  /** Whether a queue can be told of events. */
  queueExists(queueArn: string): boolean;
  /** Told of content that no version or part has any more. */
  release(segments: readonly Segment[]): void;
}

/** A write that was begun: it knows whether its key was deleted before it commits. */
export interface PendingWrite {
  readonly bucket: string;
  readonly key: string;
  deletedSince: boolean;
}

export interface NewObject extends Content, Descriptive {
  event: Extract<EventName, `ObjectCreated:${string}`>;
}

export interface Deleted {
  /** Of the version that was removed, or of the delete marker that was made. */
  versionId?: string;
  deleteMarker: boolean;
}

/**
 * What S3 does, as plain state and rules: no I/O, and time only from the clock. Each change is committed in one
 * synchronous step together with its notifications.
 */
export interface S3Model {
  createBucket(name: string): void;
  deleteBucket(name: string): void;
  buckets(): Bucket[];
  /** @throws AwsError NoSuchBucket */
  bucket(name: string): Bucket;
  changeSettings(bucket: Bucket, changes: Partial<BucketSettings>): void;

  /** The current version, or the one named. @throws AwsError NoSuchKey, NoSuchVersion, MethodNotAllowed */
  find(bucket: Bucket, key: string, versionId?: string): Version;
  /** To be called before the body of a write is received, and answered with `commit` or `abandon`. */
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
  abortUpload(upload: MultipartUpload): void;

  /**
   * Applies the lifecycle rules of a bucket. Yields after each key and upload that lost something: others may change the
   * bucket in between.
   */
  expire(bucket: Bucket): Iterable<void>;

  /** Loads what an earlier process kept. */
  restore(): Promise<void>;
  /** Everything that has content: versions, and parts of uploads that are not complete. */
  contents(): Iterable<StoredContent>;
}

export interface StoredContent {
  /** For people. */
  name: string;
  segments: readonly Segment[];
  /** What the journal says of it. */
  entry: Version | Part;
  /** Removes it: the version, or the upload that the part is of. */
  discard(): void;
}

type StoredUpload = Omit<MultipartUpload, 'parts'>;

export function createS3Model(options: S3ModelOptions): S3Model {
  const { clock, random, journal, region, deliver, queueExists, release } = options;
  const byName = new Map<string, Bucket>();
  const uploads = new Map<string, MultipartUpload>();
  const pending = new Set<PendingWrite>();
  let sequence = 0;
  let latest = 0;

  const bucketKey = (name: string) => `s3/bucket/${name}`;
  const versionKey = (bucket: string, { sequence: number }: Version) =>
    `s3/version/${bucket}/${String(number).padStart(15, '0')}`;
  const uploadKey = ({ id }: StoredUpload) => `s3/upload/${id}`;
  const partKey = ({ id }: StoredUpload, number: number) =>
    `s3/part/${id}/${String(number).padStart(5, '0')}`;

  function newId(): string {
    return Array.from({ length: 32 }, () => ID_ALPHABET[Math.floor(random() * ID_ALPHABET.length)]).join('');
  }

  /** By the clock, so that no sequence is used again after a restart, whatever was deleted before it. */
  function nextSequence(): number {
    return Math.max(sequence + 1, clock.now());
  }

  /** A stored object's time never goes back, whatever the clock does: views compare these times. */
  function storedAt(): number {
    latest = Math.max(latest, clock.now());
    return latest;
  }

  function keepBucket({ name, createdAt, settings }: Bucket): void {
    journal.put(bucketKey(name), { name, createdAt, settings });
  }

  function notify(bucket: Bucket, version: Version, event: EventName): void {
    for (const configuration of bucket.settings.notifications) {
      if (!wants(configuration, event, version.key)) continue;
      const source = { region, requestId: newId(), at: clock.now() };
      deliver(configuration.queueArn, eventBody(bucket, version, event, configuration.id, source));
    }
  }

  function addVersion(bucket: Bucket, version: Version): void {
    const versions = bucket.versions.get(version.key);
    // A version without an id replaces the one that has none either.
    const replaced =
      version.versionId === 'null' ? versions?.find(({ versionId }) => versionId === 'null') : undefined;
    if (replaced !== undefined) removeVersion(bucket, replaced);
    const now = bucket.versions.get(version.key);
    if (now === undefined) {
      bucket.versions.set(version.key, [version]);
      bucket.keys.add(version.key);
    } else {
      now.push(version);
    }
    journal.put(versionKey(bucket.name, version), version);
  }

  function removeVersion(bucket: Bucket, version: Version): void {
    const left = (bucket.versions.get(version.key) ?? []).filter((each) => each !== version);
    if (left.length === 0) bucket.versions.delete(version.key);
    else bucket.versions.set(version.key, left);
    journal.del(versionKey(bucket.name, version));
    release(version.segments);
  }

  function newVersionId(bucket: Bucket): string {
    return bucket.settings.versioning === 'Enabled' ? newId() : 'null';
  }

  function markDeleted(bucket: Bucket, key: string): void {
    for (const write of pending)
      if (write.bucket === bucket.name && write.key === key) write.deletedSince = true;
  }

  function addMarker(bucket: Bucket, key: string): Version {
    markDeleted(bucket, key);
    sequence = nextSequence();
    const marker: Version = {
      key,
      versionId: newVersionId(bucket),
      deleteMarker: true,
      lastModified: storedAt(),
      sequence,
      segments: [],
      bytes: 0,
      etag: '',
      headers: {},
      metadata: {},
    };
    addVersion(bucket, marker);
    return marker;
  }

  function expireCurrent(bucket: Bucket, current: Version): void {
    if (!current.deleteMarker && bucket.settings.versioning !== undefined) {
      addMarker(bucket, current.key);
      return;
    }
    markDeleted(bucket, current.key);
    removeVersion(bucket, current);
  }

  function checkNotifications(notifications: readonly QueueNotification[]): void {
    const unknown = notifications.find(({ queueArn }) => !queueExists(queueArn));
    if (unknown !== undefined) {
      throw new AwsError(
        'InvalidArgument',
        400,
        'Unable to validate the following destination configurations',
        {
          ArgumentName: unknown.queueArn,
          ArgumentValue: 'The destination queue does not exist',
        },
      );
    }
  }

  const model: S3Model = {
    createBucket(name) {
      if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name) || name.includes('..')) {
        throw new AwsError('InvalidBucketName', 400, 'The specified bucket is not valid.', {
          BucketName: name,
        });
      }
      if (byName.has(name)) {
        throw new AwsError(
          'BucketAlreadyOwnedByYou',
          409,
          'Your previous request to create the named bucket succeeded and you already own it.',
          {
            BucketName: name,
          },
        );
      }
      const bucket = createBucket(name, clock.now(), { cors: [], notifications: [] });
      byName.set(name, bucket);
      keepBucket(bucket);
    },

    deleteBucket(name) {
      const bucket = model.bucket(name);
      if (bucket.versions.size > 0) {
        throw new AwsError('BucketNotEmpty', 409, 'The bucket you tried to delete is not empty', {
          BucketName: name,
        });
      }
      for (const upload of model.uploads(bucket)) model.abortUpload(upload);
      byName.delete(name);
      journal.del(bucketKey(name));
    },

    buckets: () => [...byName.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1)),

    bucket(name) {
      const bucket = byName.get(name);
      if (bucket === undefined) {
        throw new AwsError('NoSuchBucket', 404, 'The specified bucket does not exist', { BucketName: name });
      }
      return bucket;
    },

    changeSettings(bucket, changes) {
      checkNotifications(changes.notifications ?? []);
      const known = new Set(bucket.settings.notifications.map(({ queueArn }) => queueArn));
      bucket.settings = { ...bucket.settings, ...changes };
      keepBucket(bucket);
      const added = new Set(
        (changes.notifications ?? []).map(({ queueArn }) => queueArn).filter((arn) => !known.has(arn)),
      );
      for (const arn of added) deliver(arn, testEventBody(bucket.name, newId(), clock.now()));
    },

    find(bucket, key, versionId) {
      if (versionId === undefined) {
        const current = newest(bucket, key);
        if (current === undefined || current.deleteMarker) {
          const marker =
            current === undefined
              ? {}
              : { 'x-amz-delete-marker': 'true', 'x-amz-version-id': current.versionId };
          throw new AwsError('NoSuchKey', 404, 'The specified key does not exist.', { Key: key }, marker);
        }
        return current;
      }
      const version = bucket.versions.get(key)?.find((each) => each.versionId === versionId);
      if (version === undefined) {
        throw new AwsError('NoSuchVersion', 404, 'The specified version does not exist.', {
          Key: key,
          VersionId: versionId,
        });
      }
      if (version.deleteMarker) {
        throw new AwsError(
          'MethodNotAllowed',
          405,
          'The specified method is not allowed against this resource.',
          { Key: key },
          {
            'x-amz-delete-marker': 'true',
            'x-amz-version-id': versionId,
            allow: 'DELETE',
          },
        );
      }
      return version;
    },

    begin(bucket, key) {
      const write: PendingWrite = { bucket: bucket.name, key, deletedSince: false };
      pending.add(write);
      return write;
    },

    abandon: (write) => void pending.delete(write),

    commit(write, { event, ...object }, conditions) {
      pending.delete(write);
      // The bucket may have gone while the body came.
      const bucket = model.bucket(write.bucket);
      const conditional = conditions.ifMatch !== undefined || conditions.ifNoneMatch !== undefined;
      if (conditional && write.deletedSince) {
        throw new AwsError(
          'ConditionalRequestConflict',
          409,
          'The conditional request cannot succeed due to a conflicting operation against this resource.',
          {
            Key: write.key,
          },
        );
      }
      checkWrite(conditions, newest(bucket, write.key), write.key);
      sequence = nextSequence();
      const version: Version = {
        ...object,
        key: write.key,
        versionId: newVersionId(bucket),
        deleteMarker: false,
        lastModified: storedAt(),
        sequence,
      };
      addVersion(bucket, version);
      notify(bucket, version, event);
      return version;
    },

    delete(bucket, key, versionId, conditions) {
      const current = newest(bucket, key);
      if (conditions.ifMatch !== undefined) checkWrite(conditions, current, key);
      if (versionId !== undefined) {
        const version = bucket.versions.get(key)?.find((each) => each.versionId === versionId);
        if (version === undefined) return { versionId, deleteMarker: false };
        markDeleted(bucket, key);
        removeVersion(bucket, version);
        notify(bucket, version, 'ObjectRemoved:Delete');
        return { versionId, deleteMarker: version.deleteMarker };
      }
      if (bucket.settings.versioning === undefined) {
        if (current === undefined) return { deleteMarker: false };
        markDeleted(bucket, key);
        removeVersion(bucket, current);
        notify(bucket, current, 'ObjectRemoved:Delete');
        return { deleteMarker: false };
      }
      const marker = addMarker(bucket, key);
      notify(bucket, marker, 'ObjectRemoved:DeleteMarkerCreated');
      return { versionId: marker.versionId, deleteMarker: true };
    },

    createUpload(bucket, key, descriptive) {
      const stored: StoredUpload = {
        ...descriptive,
        id: newId(),
        bucket: bucket.name,
        key,
        initiatedAt: clock.now(),
      };
      const upload = { ...stored, parts: new Map<number, Part>() };
      uploads.set(upload.id, upload);
      journal.put(uploadKey(upload), stored);
      return upload;
    },

    upload(bucket, key, id) {
      const upload = uploads.get(id);
      if (upload === undefined || upload.bucket !== bucket.name || upload.key !== key) {
        throw new AwsError(
          'NoSuchUpload',
          404,
          'The specified multipart upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.',
          {
            UploadId: id,
          },
        );
      }
      return upload;
    },

    uploads: (bucket) => [...uploads.values()].filter((upload) => upload.bucket === bucket.name),

    putPart(upload, number, content) {
      // It may have been completed or aborted while the body came.
      if (uploads.get(upload.id) !== upload) return failUpload(upload.id);
      const replaced = upload.parts.get(number);
      const part: Part = { ...content, number, lastModified: storedAt() };
      upload.parts.set(number, part);
      journal.put(partKey(upload, number), part);
      if (replaced !== undefined) release(replaced.segments);
      return part;
    },

    completeUpload(upload, completion, write, conditions) {
      if (uploads.get(upload.id) !== upload) return failUpload(upload.id);
      const { headers, metadata } = upload;
      const content = assemble(upload, completion);
      const version = model.commit(
        write,
        { ...content, headers, metadata, event: 'ObjectCreated:CompleteMultipartUpload' },
        conditions,
      );
      const used = new Set(content.segments);
      dropUpload(upload, (segment) => !used.has(segment));
      return version;
    },

    abortUpload: (upload) => dropUpload(upload, () => true),

    // S3 sends events of these only to those that ask for s3:LifecycleExpiration.
    *expire(bucket) {
      const { lifecycle = [] } = bucket.settings;
      if (lifecycle.length === 0) return;
      for (const upload of model.uploads(bucket)) {
        if (!isAbandoned(lifecycle, upload, clock.ranSince)) continue;
        model.abortUpload(upload);
        yield;
      }
      for (const [key, versions] of bucket.versions) {
        const { noncurrent, current } = dueVersions(lifecycle, key, versions, clock.ranSince);
        for (const version of noncurrent) removeVersion(bucket, version);
        if (current !== undefined) expireCurrent(bucket, current);
        if (noncurrent.length > 0 || current !== undefined) yield;
      }
    },

    async restore() {
      for await (const [, value] of journal.entries('s3/bucket/')) {
        const { name, createdAt, settings } = value as Pick<Bucket, 'name' | 'createdAt' | 'settings'>;
        byName.set(name, createBucket(name, createdAt, settings));
      }
      // In order of sequence within a bucket, so the newest of each key comes last.
      for await (const [journalKey, value] of journal.entries('s3/version/')) {
        const version = value as Version;
        const bucket = byName.get(journalKey.split('/')[2] ?? '');
        if (bucket === undefined) continue;
        const versions = bucket.versions.get(version.key);
        if (versions === undefined) {
          bucket.versions.set(version.key, [version]);
          bucket.keys.add(version.key);
        } else versions.push(version);
        sequence = Math.max(sequence, version.sequence);
        latest = Math.max(latest, version.lastModified);
      }
      for await (const [, value] of journal.entries('s3/upload/')) {
        const stored = value as StoredUpload;
        uploads.set(stored.id, { ...stored, parts: new Map() });
      }
      for await (const [journalKey, value] of journal.entries('s3/part/')) {
        const part = value as Part;
        uploads.get(journalKey.split('/')[2] ?? '')?.parts.set(part.number, part);
      }
    },

    *contents() {
      for (const bucket of byName.values())
        for (const versions of bucket.versions.values())
          for (const entry of versions)
            if (!entry.deleteMarker)
              yield {
                name: `${bucket.name}/${entry.key}${entry.versionId === 'null' ? '' : ` (version ${entry.versionId})`}`,
                segments: entry.segments,
                entry,
                discard: () => removeVersion(bucket, entry),
              };
      for (const upload of uploads.values())
        for (const entry of upload.parts.values())
          yield {
            name: `part ${entry.number} of ${upload.bucket}/${upload.key}`,
            segments: entry.segments,
            entry,
            discard: () => uploads.has(upload.id) && model.abortUpload(upload),
          };
    },
  };

  function failUpload(id: string): never {
    throw new AwsError('NoSuchUpload', 404, 'The specified multipart upload does not exist.', {
      UploadId: id,
    });
  }

  function dropUpload(upload: MultipartUpload, unused: (segment: Segment) => boolean): void {
    uploads.delete(upload.id);
    journal.del(uploadKey(upload));
    for (const { number, segments } of upload.parts.values()) {
      journal.del(partKey(upload, number));
      release(segments.filter(unused));
    }
  }

  return model;
}

const ID_ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._';
