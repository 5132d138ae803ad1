import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  S3ServiceException,
  type S3Client,
} from '@aws-sdk/client-s3';
import { Retryable } from '../core/errors.ts';
import { versionIdOf, type SourceIdentity } from '../core/source.ts';

/** An object's identity and what was stored beside it. */
export interface Found {
  identity: SourceIdentity;
  metadata: Record<string, string>;
  bytes: number;
}

export interface Opened extends Found {
  /** Reads the whole content. Call this or `discard`, once. */
  read(): Promise<Uint8Array>;
  /** Gives the connection back without reading the content. */
  discard(): void;
}

/** What a conditional write expects under the key: the ETag it saw, or nothing. */
export type Expected = { etag: string } | 'absent';

export interface NewObject {
  body: Uint8Array | string;
  contentType: string;
  metadata: Record<string, string>;
}

/** What the worker does with S3. Every failure leaves as `Retryable` with a stable code. */
export interface Storage {
  head(bucket: string, key: string): Promise<Found | undefined>;
  /** Opens the current object, so that its size is known before its content is fetched. */
  open(bucket: string, key: string): Promise<Opened | undefined>;
  /** Stores an object if the key still holds what is expected, and answers its ETag; `lost` when it does not. */
  putIf(
    expected: Expected,
    bucket: string,
    key: string,
    object: NewObject,
  ): Promise<{ etag: string } | 'lost'>;
  /** Deletes an object if it still has this ETag. */
  deleteIf(etag: string, bucket: string, key: string): Promise<void>;
}

export function createStorage(s3: S3Client): Storage {
  return {
    async head(Bucket, Key) {
      return ifFound(async () => found(await s3.send(new HeadObjectCommand({ Bucket, Key }))));
    },

    async open(Bucket, Key) {
      return ifFound(async () => {
        const answer = await s3.send(new GetObjectCommand({ Bucket, Key }));
        const body = answer.Body;
        if (body === undefined) throw new Retryable('storage.unavailable', 'S3 answered without a body');
        return {
          ...found(answer),
          read: () => translated(() => body.transformToByteArray()),
          discard: () => void ('destroy' in body && body.destroy()),
        };
      });
    },

    async putIf(expected, Bucket, Key, { body, contentType, metadata }) {
      const condition = expected === 'absent' ? { IfNoneMatch: '*' } : { IfMatch: expected.etag };
      try {
        const { ETag } = await s3.send(
          new PutObjectCommand({
            Bucket,
            Key,
            Body: body,
            ContentType: contentType,
            Metadata: metadata,
            ...condition,
          }),
        );
        return { etag: ETag ?? '' };
      } catch (error) {
        if (isLostCondition(error)) return 'lost';
        throw translate(error);
      }
    },

    async deleteIf(etag, Bucket, Key) {
      try {
        await s3.send(new DeleteObjectCommand({ Bucket, Key, IfMatch: etag }));
      } catch (error) {
        if (!isLostCondition(error)) throw translate(error);
      }
    },
  };
}

interface Answer {
  ETag?: string | undefined;
  VersionId?: string | undefined;
  LastModified?: Date | undefined;
  Metadata?: Record<string, string> | undefined;
  ContentLength?: number | undefined;
}

function found({ ETag, VersionId, LastModified, Metadata, ContentLength }: Answer): Found {
  const versionId = versionIdOf(VersionId);
  return {
    identity: {
      etag: ETag ?? '',
      lastModified: LastModified?.toISOString() ?? '',
      ...(versionId === undefined ? {} : { versionId }),
    },
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

/**
 * 412: the key holds something else. 409: another write of the key was under way. 404: what `If-Match` named is gone.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
 */
function isLostCondition(error: unknown): boolean {
  const status = statusOf(error);
  return status === 412 || status === 409 || (status === 404 && nameOf(error) !== 'NoSuchBucket');
}

function translate(error: unknown): Retryable {
  if (error instanceof Retryable) return error;
  const denied = statusOf(error) === 403;
  return new Retryable(
    denied ? 'storage.denied' : 'storage.unavailable',
    `S3 ${denied ? 'refused' : 'failed'}: ${nameOf(error)}: ${error instanceof Error ? error.message : String(error)}`,
    { cause: error },
  );
}

function statusOf(error: unknown): number | undefined {
  return error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined;
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : 'unknown error';
}
