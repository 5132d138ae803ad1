import {
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  NoSuchKey,
  NotFound,
  type S3Client,
} from '@aws-sdk/client-s3';

/** S3's order, implemented differently from the join. */
export const byUtf8 = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));

/** An object. */
export interface Stored {
  at: number;
  etag: string;
  versionId?: string;
  metadata?: Record<string, string>;
  body?: string;
  /** 7 by default. */
  bytes?: number;
  contentType?: string;
}

/** Bytes of objects that do not say otherwise. */
const SIZE = 7;

/** The relevant part of S3: listings in UTF-8 order, in small pages, with dates in whole seconds as in AWS. */
export function fakeS3(pageSize: number) {
  const buckets = new Map<string, Map<string, Stored>>();
  const requests: string[] = [];
  const inBucket = (name = '') => {
    const bucket = buckets.get(name) ?? new Map<string, Stored>();
    buckets.set(name, bucket);
    return bucket;
  };
  async function send(command: unknown): Promise<unknown> {
    if (command instanceof ListObjectsV2Command) {
      const { Bucket, Prefix = '', StartAfter = '', ContinuationToken, EncodingType } = command.input;
      requests.push('list');
      const after = ContinuationToken ?? StartAfter;
      const keys = [...inBucket(Bucket).keys()]
        .filter((key) => key.startsWith(Prefix) && (after === '' || byUtf8(key, after) > 0))
        .toSorted(byUtf8);
      const page = keys.slice(0, pageSize);
      return {
        Contents: page.map((key) => {
          const stored = inBucket(Bucket).get(key);
          const encoded = encodeURIComponent(key).replaceAll('%20', '+').replaceAll('%2F', '/');
          return {
            Key: EncodingType === 'url' ? encoded : key,
            LastModified: new Date(stored?.at ?? 0),
            ETag: stored?.etag,
            Size: stored?.bytes ?? SIZE,
          };
        }),
        ...(keys.length > page.length ? { NextContinuationToken: page.at(-1) } : {}),
      };
    }
    if (command instanceof HeadObjectCommand) {
      requests.push('head');
      const stored = inBucket(command.input.Bucket).get(command.input.Key ?? '');
      if (stored === undefined) throw new NotFound({ message: 'none', $metadata: {} });
      const { at, etag, versionId, metadata, bytes = SIZE, contentType } = stored;
      return {
        ETag: etag,
        VersionId: versionId,
        LastModified: new Date(at),
        Metadata: metadata,
        ContentLength: bytes,
        ContentType: contentType,
      };
    }
    if (command instanceof GetObjectCommand) {
      requests.push('get');
      const stored = inBucket(command.input.Bucket).get(command.input.Key ?? '');
      if (stored === undefined) throw new NoSuchKey({ message: 'none', $metadata: {} });
      return {
        Body: {
          transformToString: () => Promise.resolve(stored.body),
          transformToByteArray: () => Promise.resolve(Buffer.from(stored.body ?? '', 'latin1')),
        },
        ETag: stored.etag,
        VersionId: stored.versionId,
        LastModified: new Date(stored.at),
      };
    }
    throw new Error('an unexpected request');
  }
  return { s3: { send } as unknown as S3Client, inBucket, requests };
}
