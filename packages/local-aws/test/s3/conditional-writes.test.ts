import {
  CompleteMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { errorOf, startS3, type TestS3 } from './server.ts';
import { slowPut } from './slow-put.ts';

let server: TestS3;
beforeAll(async () => {
  server = await startS3();
  for (const Bucket of ['plain', 'versioned']) await server.s3.send(new CreateBucketCommand({ Bucket }));
  await server.s3.send(
    new PutBucketVersioningCommand({ Bucket: 'versioned', VersioningConfiguration: { Status: 'Enabled' } }),
  );
});
afterAll(() => server.stop());

const put = (Bucket: string, Key: string, Body: string, more: object = {}) =>
  server.s3.send(new PutObjectCommand({ Bucket, Key, Body, ...more }));
const textOf = async (Bucket: string, Key: string) =>
  (await server.s3.send(new GetObjectCommand({ Bucket, Key }))).Body?.transformToString();

describe.each(['plain', 'versioned'])('a conditional write to a %s bucket', (bucket) => {
  it('with If-None-Match: * stores only new keys', async () => {
    await put(bucket, 'new', 'one', { IfNoneMatch: '*' });
    expect(await errorOf(put(bucket, 'new', 'two', { IfNoneMatch: '*' }))).toMatchObject({
      name: 'PreconditionFailed',
      status: 412,
    });
    expect(await textOf(bucket, 'new')).toBe('one');
    await server.s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: 'new' }));
    await put(bucket, 'new', 'three', { IfNoneMatch: '*' });
    expect(await textOf(bucket, 'new')).toBe('three');
  });

  it('with If-Match replaces only the object that it names', async () => {
    const { ETag } = await put(bucket, 'known', 'one');
    expect(await errorOf(put(bucket, 'known', 'two', { IfMatch: '"other"' }))).toMatchObject({
      name: 'PreconditionFailed',
      status: 412,
    });
    await put(bucket, 'known', 'three', { IfMatch: ETag });
    expect(await textOf(bucket, 'known')).toBe('three');
    expect(await errorOf(put(bucket, 'known', 'four', { IfMatch: ETag }))).toMatchObject({ status: 412 });
    expect(await errorOf(put(bucket, 'unknown', 'x', { IfMatch: ETag }))).toMatchObject({
      name: 'NoSuchKey',
      status: 404,
    });
  });

  it('succeeds for exactly one of twenty concurrent requests', async () => {
    const answers = await Promise.allSettled(
      Array.from({ length: 20 }, (_, index) => put(bucket, 'race', String(index), { IfNoneMatch: '*' })),
    );
    const winners = answers.flatMap(({ status }, index) => (status === 'fulfilled' ? [String(index)] : []));
    expect(winners).toEqual([await textOf(bucket, 'race')]);
  });

  it('is evaluated when it commits, not when it begins', async () => {
    const slow = await slowPut(server, `/${bucket}/late`, { 'if-none-match': '*' });
    await put(bucket, 'late', 'faster');
    slow.finish();
    expect(await slow.status).toBe(412);
    expect(await textOf(bucket, 'late')).toBe('faster');
  });

  it('fails with 409 if its key was deleted in the meantime', async () => {
    const { ETag = '' } = await put(bucket, 'vanishing', 'here');
    const slow = await slowPut(server, `/${bucket}/vanishing`, { 'if-match': ETag });
    await server.s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: 'vanishing' }));
    slow.finish();
    expect(await slow.status).toBe(409);
    expect((await errorOf(textOf(bucket, 'vanishing'))).status).toBe(404);
  });

  it('of a new key fails with 409 if the key was stored and deleted in the meantime', async () => {
    const slow = await slowPut(server, `/${bucket}/fleeting`, { 'if-none-match': '*' });
    await put(bucket, 'fleeting', 'here');
    await server.s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: 'fleeting' }));
    slow.finish();
    expect(await slow.status).toBe(409);
  });

  it('is not affected by deletions of other keys, nor an unconditional write by any', async () => {
    const other = bucket === 'plain' ? 'versioned' : 'plain';
    const { ETag = '' } = await put(bucket, 'steady', 'here');
    await put(bucket, 'other', 'x');
    await put(other, 'steady', 'x');
    const [slow, unconditional] = [
      await slowPut(server, `/${bucket}/steady`, { 'if-match': ETag }),
      await slowPut(server, `/${bucket}/other`),
    ];
    for (const [Bucket, Key] of [
      [bucket, 'other'],
      [other, 'steady'],
    ] as const)
      await server.s3.send(new DeleteObjectCommand({ Bucket, Key }));
    slow.finish();
    unconditional.finish();
    expect([await slow.status, await unconditional.status]).toEqual([200, 200]);
  });

  it('can name any of several objects, weakly or not at all', async () => {
    const { ETag } = await put(bucket, 'several', 'one');
    for (const IfMatch of [`"other", ${ETag}`, `W/${ETag}`, '*'])
      await put(bucket, 'several', 'one', { IfMatch });
    expect((await errorOf(put(bucket, 'several', 'two', { IfMatch: '"a", "b"' }))).status).toBe(412);
    expect(await errorOf(put(bucket, 'several', 'two', { IfNoneMatch: ETag }))).toEqual({
      name: 'NotImplemented',
      status: 501,
    });
  });

  it('can complete a multipart upload', async () => {
    await put(bucket, 'parts', 'there');
    const complete = async (conditions: object) => {
      const { UploadId } = await server.s3.send(
        new CreateMultipartUploadCommand({ Bucket: bucket, Key: 'parts' }),
      );
      const { ETag } = await server.s3.send(
        new UploadPartCommand({ Bucket: bucket, Key: 'parts', UploadId, PartNumber: 1, Body: 'in parts' }),
      );
      const MultipartUpload = { Parts: [{ PartNumber: 1, ETag }] };
      await server.s3.send(
        new CompleteMultipartUploadCommand({
          Bucket: bucket,
          Key: 'parts',
          UploadId,
          MultipartUpload,
          ...conditions,
        }),
      );
    };
    expect((await errorOf(complete({ IfNoneMatch: '*' }))).status).toBe(412);
    expect(await textOf(bucket, 'parts')).toBe('there');
    await complete({});
    expect(await textOf(bucket, 'parts')).toBe('in parts');
  });

  it('can be a delete', async () => {
    const { ETag } = await put(bucket, 'deleted', 'one');
    const remove = (IfMatch: string | undefined) =>
      server.s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: 'deleted', IfMatch }));
    expect((await errorOf(remove('"other"'))).status).toBe(412);
    await remove(ETag);
    expect((await errorOf(textOf(bucket, 'deleted'))).status).toBe(404);
  });
});
