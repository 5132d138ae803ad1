import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { checkKeyLength } from './key.ts';
import { openRange } from './open-range.ts';
import type { Version } from './version.ts';
import { writeObject, type Stores } from './write-object.ts';

/** Access to the local S3's objects from the same process, without the cost of requests. */
export interface LocalObjects {
  /**
   * Stores an object and sends its notifications. If the body fails, nothing is stored. If the object is refused, the
   * body is neither read nor closed: pass a body that opens its source when it is read.
   * @throws AwsError NoSuchBucket, KeyTooLongError
   */
  put(bucket: string, key: string, body: AsyncIterable<Uint8Array>): Promise<Version>;
  /** Opens the current version. @throws AwsError NoSuchBucket, NoSuchKey */
  get(bucket: string, key: string): Promise<{ version: Version; body: Readable }>;
  /** Deletes an object, or one of its versions. @throws AwsError NoSuchBucket, NoSuchVersion */
  delete(bucket: string, key: string, versionId?: string): Promise<void>;
}

const STOPPED = 'the local AWS has stopped';
/** For the writes in progress when the local AWS stops. */
const GRACE_MILLISECONDS = 1000;

/** @returns the objects, and a function that waits a moment for writes in progress and refuses later writes */
export function openObjects(stores: Stores): { objects: LocalObjects; stop(): Promise<void> } {
  const { model, blobs, journal } = stores;
  const writes = new Set<Promise<unknown>>();
  const abandoned = new AbortController();
  let stopped = false;

  function bucketNamed(name: string) {
    if (stopped) throw new Error(STOPPED);
    return model.bucket(name);
  }

  async function store(bucket: string, key: string, body: AsyncIterable<Uint8Array>): Promise<Version> {
    checkKeyLength(key);
    return writeObject(stores, { bucket: bucketNamed(bucket), key, conditions: {} }, async () => {
      const { segment, md5 } = await blobs.write(untilAborted(body, abandoned.signal));
      const headers = { 'content-type': 'binary/octet-stream' };
      return {
        segments: [segment],
        bytes: segment.bytes,
        etag: md5,
        headers,
        metadata: {},
        event: 'ObjectCreated:Put',
      };
    });
  }

  const objects: LocalObjects = {
    put(bucket, key, body) {
      const write = store(bucket, key, body);
      const ended = write.then(
        () => void writes.delete(ended),
        () => void writes.delete(ended),
      );
      writes.add(ended);
      return write;
    },
    async get(bucket, key) {
      const version = model.find(bucketNamed(bucket), key);
      return {
        version,
        body: await openRange(version.segments, { begin: 0, end: version.bytes - 1 }, blobs),
      };
    },
    async delete(bucket, key, versionId) {
      model.delete(bucketNamed(bucket), key, versionId, {});
      await journal.flush();
    },
  };
  return {
    objects,
    async stop() {
      stopped = true;
      await Promise.race([Promise.all(writes), delay(GRACE_MILLISECONDS, undefined, { ref: false })]);
      abandoned.abort(new Error(STOPPED));
    },
  };
}

async function* untilAborted(
  body: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of body) {
    signal.throwIfAborted();
    yield chunk;
  }
}
