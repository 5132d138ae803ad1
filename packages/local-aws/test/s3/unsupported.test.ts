import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  ListBucketsCommand,
  ListMultipartUploadsCommand,
  ListObjectVersionsCommand,
  PutBucketCorsCommand,
  PutBucketNotificationConfigurationCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  UploadPartCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { errorOf, startS3, type TestS3 } from './server.ts';

let server: TestS3;
const Bucket = 'strict';
const Key = 'key';
const target = { Bucket, Key };
const copied = { ...target, CopySource: `${Bucket}/source` };
let UploadId: string | undefined;
beforeAll(async () => {
  server = await startS3();
  await server.s3.send(new CreateBucketCommand({ Bucket }));
  await server.s3.send(new PutObjectCommand({ Bucket, Key: 'source', Body: 'x' }));
  ({ UploadId } = await server.s3.send(new CreateMultipartUploadCommand({ Bucket, Key })));
});
afterAll(() => server.stop());

/** Returns everything that a write could have changed. */
const state = async () => {
  const { Buckets } = await server.s3.send(new ListBucketsCommand({}));
  const { Versions, DeleteMarkers } = await server.s3.send(new ListObjectVersionsCommand({ Bucket }));
  const { Uploads } = await server.s3.send(new ListMultipartUploadsCommand({ Bucket }));
  return [Buckets, Versions, DeleteMarkers, Uploads, await server.blobs()];
};
const put = (more: object) => server.s3.send(new PutObjectCommand({ ...target, Body: 'x', ...more }));
const make = (more: object) => server.s3.send(new CreateBucketCommand({ Bucket: 'never', ...more }));
const copy = (more: object) => server.s3.send(new CopyObjectCommand({ ...copied, ...more }));
const begin = (more: object) => server.s3.send(new CreateMultipartUploadCommand({ ...target, ...more }));
const complete = (more: object) =>
  server.s3.send(new CompleteMultipartUploadCommand({ ...target, UploadId, ...more }));

describe('an unsupported request', () => {
  it.each<[string, () => Promise<unknown>]>([
    ['a bucket with object lock', () => make({ ObjectLockEnabledForBucket: true })],
    ['a public bucket', () => make({ ACL: 'public-read' })],
    ['a bucket with a grant', () => make({ GrantWrite: 'id=x' })],
    ['a bucket whose writers own objects', () => make({ ObjectOwnership: 'ObjectWriter' })],
    ['a bucket with tags', () => make({ CreateBucketConfiguration: { Tags: [{ Key: 'a', Value: 'b' }] } })],
    ['a public object', () => put({ ACL: 'public-read' })],
    ['an object with a grant', () => put({ GrantRead: 'id=x' })],
    ['an object with a KMS key', () => put({ ServerSideEncryption: 'aws:kms', SSEKMSKeyId: 'x' })],
    ['an object with a legal hold', () => put({ ObjectLockLegalHoldStatus: 'ON' })],
    ['an object with tags', () => put({ Tagging: 'a=b' })],
    ['an object with a storage class', () => put({ StorageClass: 'GLACIER' })],
    ['an object with a redirect', () => put({ WebsiteRedirectLocation: '/' })],
    ['an appended object', () => put({ WriteOffsetBytes: 1 })],
    ['a requester-pays object', () => put({ RequestPayer: 'requester' })],
    ['a copy with different tags', () => copy({ Tagging: 'a=b', TaggingDirective: 'REPLACE' })],
    ['a copy with a storage class', () => copy({ StorageClass: 'STANDARD_IA' })],
    ['an upload with tags', () => begin({ Tagging: 'a=b' })],
    ['an upload with a lock', () => begin({ ObjectLockMode: 'GOVERNANCE' })],
    ['an upload completed with a full-object checksum', () => complete({ ChecksumCRC32: 'AAAAAA==' })],
    ['a requester-pays completion of an upload', () => complete({ RequestPayer: 'requester' })],
    [
      'a requester-pays part',
      () =>
        server.s3.send(
          new UploadPartCommand({
            ...target,
            UploadId,
            PartNumber: 1,
            Body: 'x',
            RequestPayer: 'requester',
          }),
        ),
    ],
    [
      'a requester-pays copied part',
      () =>
        server.s3.send(
          new UploadPartCopyCommand({
            ...copied,
            UploadId,
            PartNumber: 1,
            RequestPayer: 'requester',
          }),
        ),
    ],
    ['a deletion with MFA', () => server.s3.send(new DeleteObjectCommand({ ...target, MFA: '1 2' }))],
    [
      'a deletion that bypasses a lock',
      () =>
        server.s3.send(
          new DeleteObjectsCommand({
            Bucket,
            Delete: { Objects: [{ Key: 'source' }] },
            BypassGovernanceRetention: true,
          }),
        ),
    ],
    [
      'a deletion with a condition on the size',
      () => server.s3.send(new DeleteObjectCommand({ Bucket, Key: 'source', IfMatchSize: 7 })),
    ],
    [
      'versioning with MFA',
      () =>
        server.s3.send(
          new PutBucketVersioningCommand({
            Bucket,
            MFA: '1 2',
            VersioningConfiguration: { Status: 'Enabled' },
          }),
        ),
    ],
    [
      'notifications without validation',
      () =>
        server.s3.send(
          new PutBucketNotificationConfigurationCommand({
            Bucket,
            SkipDestinationValidation: true,
            NotificationConfiguration: {},
          }),
        ),
    ],
  ])('%s gets NotImplemented and changes nothing', async (_what, call) => {
    const before = await state();
    expect(await errorOf(call())).toEqual({ name: 'NotImplemented', status: 501 });
    expect(await state()).toEqual(before);
  });

  it('is also refused as a parameter of a presigned URL', async () => {
    const command = new PutObjectCommand({ ...target, Tagging: 'a=b' });
    const url = await getSignedUrl(server.s3, command);
    expect(url).toContain('x-amz-tagging=');
    expect((await fetch(url, { method: 'PUT', body: 'x' })).status).toBe(501);
    expect(await errorOf(server.s3.send(new GetObjectCommand(target)))).toMatchObject({ name: 'NoSuchKey' });
  });
});

it('stores metadata from a presigned URL', async () => {
  const place = { Bucket, Key: 'signed' };
  const url = await getSignedUrl(server.s3, new PutObjectCommand({ ...place, Metadata: { a: 'b c' } }));
  expect(url).toContain('x-amz-meta-a=');
  expect((await fetch(url, { method: 'PUT', body: 'x' })).status).toBe(200);
  expect((await server.s3.send(new GetObjectCommand(place))).Metadata).toEqual({ a: 'b c' });
});

describe('a request for a bucket of another account', () => {
  const ExpectedBucketOwner = '111111111111';
  it.each<[string, () => Promise<unknown>]>([
    ['PutObject', () => put({ ExpectedBucketOwner })],
    ['GetObject', () => server.s3.send(new GetObjectCommand({ ...target, ExpectedBucketOwner }))],
    ['CopyObject', () => copy({ ExpectedSourceBucketOwner: ExpectedBucketOwner })],
    ['DeleteBucket', () => server.s3.send(new DeleteBucketCommand({ Bucket, ExpectedBucketOwner }))],
    [
      'PutBucketCors',
      () =>
        server.s3.send(
          new PutBucketCorsCommand({
            Bucket,
            ExpectedBucketOwner,
            CORSConfiguration: { CORSRules: [{ AllowedMethods: ['GET'], AllowedOrigins: ['*'] }] },
          }),
        ),
    ],
  ])('by %s is denied and changes nothing', async (_what, call) => {
    const before = await state();
    expect(await errorOf(call())).toEqual({ name: 'AccessDenied', status: 403 });
    expect(await state()).toEqual(before);
  });

  it('is accepted if the account is this one', async () => {
    await expect(put({ ExpectedBucketOwner: '000000000000' })).resolves.toBeDefined();
    await expect(copy({ ExpectedSourceBucketOwner: '000000000000' })).resolves.toBeDefined();
  });
});
