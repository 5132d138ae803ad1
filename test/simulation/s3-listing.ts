import type { ListObjectsV2CommandInput } from '@aws-sdk/client-s3';
import { listObjects } from '@millrace/local-aws/models';
import type { World } from './world.ts';

/** Small, so that few keys need several pages. */
const PAGE = 2;

/** S3's response to a listing, with URL-encoded keys. */
export function answerListing(input: ListObjectsV2CommandInput, { s3 }: World) {
  const { Bucket = '', Prefix = '', StartAfter = '', ContinuationToken, MaxKeys = PAGE } = input;
  if (input.Delimiter !== undefined) throw new Error('an unknown listing');
  const shown = (key: string) =>
    input.EncodingType === 'url' ? encodeURIComponent(key).replaceAll('%2F', '/') : key;
  const after = ContinuationToken ?? StartAfter;
  const request = { prefix: Prefix, delimiter: '', after, max: Math.min(MaxKeys, PAGE) };
  const { items, next } = listObjects(s3.bucket(Bucket), request);
  return {
    IsTruncated: next !== undefined,
    ...(next === undefined ? {} : { NextContinuationToken: next }),
    Contents: items.map(({ key, lastModified, etag, bytes }) => ({
      Key: shown(key),
      LastModified: new Date(Math.floor(lastModified / 1000) * 1000),
      ETag: `"${etag}"`,
      Size: bytes,
    })),
  };
}
