import { open, stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import {
  GetObjectCommand,
  HeadObjectCommand,
  type PutObjectCommandInput,
  type S3Client,
} from '@aws-sdk/client-s3';
import { deleteIf, putIf, statusOf, type Expected } from '../core/compare-and-set.ts';
import { defined } from '../core/defined.ts';
import { Retryable } from '../core/errors.ts';
import { versionIdOf, type SourceIdentity } from '../core/source.ts';
import { readWhole } from './read-whole.ts';
import { messageOf } from '../core/message-of.ts';

/** An object's identity and metadata. */
export interface Found {
  identity: SourceIdentity;
  metadata: Record<string, string>;
  bytes: number;
}

export interface Opened extends Found {
  /** Reads the whole content. Call this, `stream` or `discard`, once. */
  read(): Promise<Uint8Array>;
  /** Reads the content in chunks. */
  stream(): AsyncIterable<Uint8Array>;
  /** Releases the connection without reading the content. */
  discard(): void;
}

export interface NewObject {
  /** The content, or the file that contains it. */
  body: Uint8Array | string | { file: string };
  contentType: string;
  metadata: Record<string, string>;
}

/** The worker's S3 operations. Every failure is thrown as `Retryable` with a stable code. */
export interface Storage {
  head(bucket: string, key: string): Promise<Found | undefined>;
  /** Opens the current object, so that its size is known before its content is fetched. */
  open(bucket: string, key: string): Promise<Opened | undefined>;
  /** Stores an object if the key still holds what is expected. Returns its ETag, or `lost`. */
  putIf(
    expected: Expected,
    bucket: string,
    key: string,
    object: NewObject,
  ): Promise<{ etag: string } | 'lost'>;
  /** Deletes an object if it still has this ETag. Returns whether it is gone. */
  deleteIf(etag: string, bucket: string, key: string): Promise<boolean>;
}

export function createStorage(s3: S3Client): Storage {
  return {
    async head(Bucket, Key) {
      return ifFound(async () => found(await s3.send(new HeadObjectCommand({ Bucket, Key }))));
    },

    async open(Bucket, Key) {
      return ifFound(async () => {
        const answer = await s3.send(new GetObjectCommand({ Bucket, Key }));
        // In Node.js, the SDK returns the response itself.
        const body = answer.Body as Readable | undefined;
        if (body === undefined) throw new Retryable('storage.unavailable', 'S3 answered without a body');
        const object = found(answer);
        return {
          ...object,
          read: () => translated(() => readWhole(body, object.bytes)),
          stream: () => chunksOf(body),
          discard: () => void body.destroy(),
        };
      });
    },

    async putIf(expected, Bucket, Key, { body, contentType, metadata }) {
      const object = { Bucket, Key, ContentType: contentType, Metadata: metadata };
      const put = await translated(async () => {
        const content = await bodyOf(body);
        try {
          return await putIf(s3, expected, { ...object, ...content });
        } finally {
          // S3 may refuse the condition before the body is read.
          if (content.Body instanceof Readable) content.Body.destroy();
        }
      });
      return put.lost === undefined ? put : 'lost';
    },

    deleteIf: (etag, Bucket, Key) => translated(() => deleteIf(s3, etag, Bucket, Key)),
  };
}

/** Releases an opened object's connection without reading the content. */
export function discard(object: Found | Opened | undefined): void {
  if (object !== undefined && 'discard' in object) object.discard();
}

async function bodyOf(
  body: NewObject['body'],
): Promise<Pick<PutObjectCommandInput, 'Body' | 'ContentLength'>> {
  if (typeof body === 'string' || body instanceof Uint8Array) return { Body: body };
  const { size } = await stat(body.file);
  // Opened before it is read: nobody would handle the error of a stream that the request does not read yet.
  const file = await open(body.file);
  return { Body: file.createReadStream(), ContentLength: size };
}

async function* chunksOf(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* body;
  } catch (error) {
    throw translate(error);
  }
}

interface Answer {
  ETag?: string | undefined;
  VersionId?: string | undefined;
  LastModified?: Date | undefined;
  Metadata?: Record<string, string> | undefined;
  ContentLength?: number | undefined;
}

function found({ ETag, VersionId, LastModified, Metadata, ContentLength }: Answer): Found {
  const lastModified = LastModified?.toISOString() ?? '';
  return {
    identity: defined({ etag: ETag ?? '', lastModified, versionId: versionIdOf(VersionId) }),
    metadata: Metadata ?? {},
    bytes: ContentLength ?? 0,
  };
}

async function ifFound<T>(run: () => Promise<T>): Promise<T | undefined> {
  try {
    return await run();
  } catch (error) {
    if (statusOf(error) === 404 && nameOf(error) !== 'NoSuchBucket') return undefined;
    throw translate(error);
  }
}

async function translated<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw translate(error);
  }
}

function translate(error: unknown): Retryable {
  if (error instanceof Retryable) return error;
  const denied = statusOf(error) === 403;
  return new Retryable(
    denied ? 'storage.denied' : 'storage.unavailable',
    `S3 ${denied ? 'refused' : 'failed'}: ${nameOf(error)}: ${messageOf(error)}`,
    { cause: error },
  );
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : 'unknown error';
}
