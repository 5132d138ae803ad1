import { randomUUID } from 'node:crypto';
import { createReadStream, type BigIntStats } from 'node:fs';
import { open, rm, stat, writeFile, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { Retryable } from '../../core/errors.ts';
import { messageOf } from '../../core/message-of.ts';
import type { Config } from '../../worker/config.ts';
import type { Found, NewObject, Opened, Storage } from '../../worker/storage.ts';
import type { FileEvent } from './events.ts';
import type { Files } from './files.ts';

/** Bytes per read of a stream. */
const READ_BYTES = 1024 * 1024;

interface FileStorageDeps {
  files: Files;
  buckets: Pick<Config, 'uploadBuckets' | 'resultBucket'>;
  /** Everything else: the failure reports. */
  others: Storage;
  tell(event: FileEvent): void;
}

/**
 * Reads sources from a folder and writes results to draft files, and tells what happens to them. So neither passes
 * through an S3. There is no result of another run or another upload, so no condition is checked: a result that is
 * made twice, because of a crash, is told twice.
 */
export function createFileStorage(deps: FileStorageDeps): Storage {
  const { files, buckets, others, tell } = deps;
  const isSource = (bucket: string) => buckets.uploadBuckets.includes(bucket);
  const isResult = (bucket: string) => bucket === buckets.resultBucket;
  const pathOf = (key: string) => join(files.from, ...key.split('/'));

  function unreadable(key: string, cause: unknown): Retryable {
    tell({ kind: 'unreadable', key, message: messageOf(cause) });
    return new Retryable('storage.unavailable', `the file could not be read: ${messageOf(cause)}`, { cause });
  }

  async function openFile(key: string): Promise<Opened> {
    const file = await open(pathOf(key));
    const found = foundIn(await file.stat({ bigint: true }).catch((error) => closing(file, error)));
    return {
      ...found,
      async read() {
        try {
          return await readWhole(file, found.bytes);
        } catch (error) {
          throw unreadable(key, error);
        } finally {
          await file.close();
        }
      },
      async *stream() {
        try {
          yield* file.createReadStream({ highWaterMark: READ_BYTES }) as AsyncIterable<Uint8Array>;
        } catch (error) {
          throw unreadable(key, error);
        }
      },
      discard: () => void file.close(),
    };
  }

  /** Answers as for a deleted upload if the file cannot be read. */
  async function ifReadable<T>(key: string, read: () => Promise<T>): Promise<T | undefined> {
    try {
      return await read();
    } catch (error) {
      unreadable(key, error);
      return undefined;
    }
  }

  return {
    async head(bucket, key) {
      if (isResult(bucket)) return undefined;
      if (!isSource(bucket)) return others.head(bucket, key);
      return ifReadable(key, async () => foundIn(await stat(pathOf(key), { bigint: true })));
    },

    open: (bucket, key) =>
      isSource(bucket) ? ifReadable(key, () => openFile(key)) : others.open(bucket, key),

    async putIf(expected, bucket, key, object) {
      if (!isResult(bucket)) return others.putIf(expected, bucket, key, object);
      const { body, contentType, metadata } = object;
      const draft = `${files.drafts}${randomUUID()}`;
      try {
        const bytes = await write(draft, body);
        tell({ kind: 'stored', key, draft, bytes, contentType, metadata });
      } catch (cause) {
        const message = messageOf(cause);
        await rm(draft, { force: true });
        tell({ kind: 'unwritable', key, message });
        throw new Retryable('storage.unavailable', `a result could not be written: ${message}`, { cause });
      }
      return { etag: draft };
    },

    deleteIf: async (etag, bucket, key) => isResult(bucket) || others.deleteIf(etag, bucket, key),
  };
}

async function closing(file: FileHandle, error: unknown): Promise<never> {
  await file.close();
  throw error;
}

/** A changed file counts as another upload. */
function foundIn({ ino, size, mtime, mtimeNs }: BigIntStats): Found {
  const identity = { etag: `${ino}-${size}-${mtimeNs}`, lastModified: mtime.toISOString() };
  return { identity, metadata: {}, bytes: Number(size) };
}

/** @throws Error if the file has become shorter */
async function readWhole(file: FileHandle, length: number): Promise<Uint8Array> {
  const whole = Buffer.allocUnsafeSlow(length);
  for (let read = 0; read < length;) {
    const { bytesRead } = await file.read(whole, read, length - read, read);
    if (bytesRead === 0) throw new Error(`the file ended after ${read} of ${length} bytes`);
    read += bytesRead;
  }
  return whole;
}

/** Writes a new file. Returns its size in bytes. */
async function write(path: string, body: NewObject['body']): Promise<number> {
  const content = typeof body === 'object' && 'file' in body ? createReadStream(body.file) : body;
  await writeFile(path, content, { flag: 'wx' });
  return (await stat(path)).size;
}
