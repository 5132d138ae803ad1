import { randomUUID } from 'node:crypto';
import { createReadStream, type ReadStream } from 'node:fs';
import { open, rm, stat, writeFile, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { Retryable } from '../../core/errors.ts';
import { messageOf } from '../../core/message-of.ts';
import { readingFailed } from '../../core/reading-failed.ts';
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
 * Reads sources from a folder and writes results to draft files, and reports what happens to them, so neither
 * passes through S3. There is no result of another run or another upload, so no condition is checked: a result that is
 * made twice, because of a crash, is reported twice.
 */
export function createFileStorage(deps: FileStorageDeps): Storage {
  const { files, buckets, others, tell } = deps;
  const isSource = (bucket: string) => buckets.uploadBuckets.includes(bucket);
  const isResult = (bucket: string) => bucket === buckets.resultBucket;
  const pathOf = (key: string) => join(files.from, ...key.split('/'));

  function unreadable(key: string, cause: unknown): Retryable {
    const message = readingFailed(cause);
    tell({ kind: 'unreadable', key, message });
    return new Retryable('storage.unavailable', `could not read the source: ${message}`, { cause });
  }

  async function openFile(key: string): Promise<Opened> {
    const file = await open(pathOf(key));
    const { size } = await file.stat().catch((error) => closing(file, error));
    let reading: ReadStream | undefined;

    async function* chunks() {
      try {
        let read = 0;
        if (size === 0) return await file.close();
        reading = file.createReadStream({ highWaterMark: READ_BYTES, end: size - 1 });
        for await (const chunk of reading as AsyncIterable<Uint8Array>) {
          read += chunk.byteLength;
          yield chunk;
        }
        if (read < size) throw endedEarly(read, size);
      } catch (error) {
        throw unreadable(key, error);
      }
    }

    return {
      ...foundIn(size),
      async read() {
        try {
          return await readWhole(file, size);
        } catch (error) {
          throw unreadable(key, error);
        } finally {
          await file.close();
        }
      },
      stream: chunks,
      discard() {
        // The stream closes the file that it reads.
        if (reading === undefined) file.close().catch(() => undefined);
        else reading.destroy();
      },
    };
  }

  /** Returns undefined, as for a deleted upload, if the file cannot be read. */
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
      return ifReadable(key, async () => foundIn((await stat(pathOf(key))).size));
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
      } catch (error) {
        await rm(draft, { force: true });
        // This is the file's outcome. With an error, it would be converted again and again.
        tell({ kind: 'unwritable', key, message: messageOf(error) });
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

/** There is one upload per file: a file that changes while it is converted is not converted again. */
function foundIn(bytes: number): Found {
  return { identity: { etag: 'file', lastModified: new Date(0).toISOString() }, metadata: {}, bytes };
}

function endedEarly(read: number, bytes: number): Error {
  return new Error(`the file ended after ${read} of ${bytes} bytes`);
}

/** @throws Error if the file has become shorter */
async function readWhole(file: FileHandle, length: number): Promise<Uint8Array> {
  const whole = Buffer.allocUnsafeSlow(length);
  for (let read = 0; read < length;) {
    const { bytesRead } = await file.read(whole, read, length - read, read);
    if (bytesRead === 0) throw endedEarly(read, length);
    read += bytesRead;
  }
  return whole;
}

/** Opens the file only when it is read: nobody would handle the error of a stream that is never read. */
async function* contentOf(path: string): AsyncGenerator<Uint8Array> {
  yield* createReadStream(path) as AsyncIterable<Uint8Array>;
}

/** Writes a new file. Returns its size in bytes. */
async function write(path: string, body: NewObject['body']): Promise<number> {
  const content = typeof body === 'object' && 'file' in body ? contentOf(body.file) : body;
  await writeFile(path, content, { flag: 'wx' });
  return (await stat(path)).size;
}
