import {
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListMultipartUploadsCommand,
  ListObjectsCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  ListPartsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  UploadPartCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startS3, type TestS3 } from './server.ts';

let server: TestS3;
const Bucket = 'dated';
let UploadId: string | undefined;
beforeAll(async () => {
  server = await startS3();
  // Not a whole second, where the test would prove nothing.
  server.advance(300 - (Date.now() % 1000));
  await server.s3.send(new CreateBucketCommand({ Bucket }));
  await server.s3.send(
    new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }),
  );
  await server.s3.send(new PutObjectCommand({ Bucket, Key: 'a', Body: 'a' }));
  await server.s3.send(new DeleteObjectCommand({ Bucket, Key: 'gone' }));
  ({ UploadId } = await server.s3.send(new CreateMultipartUploadCommand({ Bucket, Key: 'parts' })));
  await server.s3.send(
    new UploadPartCommand({ Bucket, Key: 'parts', UploadId, PartNumber: 1, Body: 'part' }),
  );
});
afterAll(() => server.stop());

const source = { Bucket, CopySource: `${Bucket}/a` };

describe('a time', () => {
  it.each<[string, () => Promise<(Date | undefined)[]>]>([
    ['HEAD', async () => [(await server.s3.send(new HeadObjectCommand({ Bucket, Key: 'a' }))).LastModified]],
    [
      'a listing',
      async () =>
        ((await server.s3.send(new ListObjectsV2Command({ Bucket }))).Contents ?? []).map(
          ({ LastModified }) => LastModified,
        ),
    ],
    [
      'the older listing',
      async () =>
        ((await server.s3.send(new ListObjectsCommand({ Bucket }))).Contents ?? []).map(
          ({ LastModified }) => LastModified,
        ),
    ],
    [
      'a listing of versions and markers',
      async () => {
        const { Versions = [], DeleteMarkers = [] } = await server.s3.send(
          new ListObjectVersionsCommand({ Bucket }),
        );
        expect(DeleteMarkers).toHaveLength(1);
        return [...Versions, ...DeleteMarkers].map(({ LastModified }) => LastModified);
      },
    ],
    [
      'a listing of uploads',
      async () =>
        ((await server.s3.send(new ListMultipartUploadsCommand({ Bucket }))).Uploads ?? []).map(
          ({ Initiated }) => Initiated,
        ),
    ],
    [
      'a listing of parts',
      async () =>
        ((await server.s3.send(new ListPartsCommand({ Bucket, Key: 'parts', UploadId }))).Parts ?? []).map(
          ({ LastModified }) => LastModified,
        ),
    ],
    [
      'a listing of buckets',
      async () =>
        ((await server.s3.send(new ListBucketsCommand({}))).Buckets ?? []).map(
          ({ CreationDate }) => CreationDate,
        ),
    ],
    [
      'a copy',
      async () => [
        (await server.s3.send(new CopyObjectCommand({ ...source, Key: 'copy' }))).CopyObjectResult
          ?.LastModified,
      ],
    ],
    [
      'a copied part',
      async () => [
        (
          await server.s3.send(
            new UploadPartCopyCommand({ ...source, Key: 'parts', UploadId, PartNumber: 2 }),
          )
        ).CopyPartResult?.LastModified,
      ],
    ],
  ])('in the response to %s has whole seconds, as in S3', async (_what, times) => {
    const milliseconds = (await times()).map((time) => time?.getMilliseconds());
    expect(milliseconds.length).toBeGreaterThan(0);
    expect(new Set(milliseconds)).toEqual(new Set([0]));
  });

  it('is the same in a listing and in HEAD', async () => {
    const { Contents = [] } = await server.s3.send(new ListObjectsV2Command({ Bucket, Prefix: 'a' }));
    const head = await server.s3.send(new HeadObjectCommand({ Bucket, Key: 'a' }));
    expect(Contents.map(({ LastModified }) => LastModified)).toEqual([head.LastModified]);
  });
});
