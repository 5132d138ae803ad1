import { randomBytes } from 'node:crypto';
import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  PutObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startS3, type TestS3 } from './server.ts';

let server: TestS3;
const Bucket = 'overwritten';
beforeAll(async () => {
  server = await startS3();
  await server.s3.send(new CreateBucketCommand({ Bucket }));
});
afterAll(() => server.stop());

const put = (Key: string, Body: string) => server.s3.send(new PutObjectCommand({ Bucket, Key, Body }));
const textOf = async (Key: string) =>
  (await server.s3.send(new GetObjectCommand({ Bucket, Key }))).Body?.transformToString();
const TURNS = Array.from({ length: 200 }, (_, index) => index);

/** An object with two parts, larger than any buffer on the way. */
async function putParts(Key: string): Promise<Buffer> {
  const bytes = randomBytes(16 * 1024 * 1024);
  const { UploadId } = await server.s3.send(new CreateMultipartUploadCommand({ Bucket, Key }));
  const Parts = await Promise.all(
    [bytes.subarray(0, bytes.byteLength / 2), bytes.subarray(bytes.byteLength / 2)].map(
      async (Body, index) => {
        const PartNumber = index + 1;
        const command = new UploadPartCommand({ Bucket, Key, UploadId, PartNumber, Body });
        return { PartNumber, ETag: (await server.s3.send(command)).ETag };
      },
    ),
  );
  await server.s3.send(
    new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts } }),
  );
  return bytes;
}

describe('an object that is repeatedly overwritten', () => {
  it('is always read as one of its versions', async () => {
    await put('busy', '0');
    const reads: Promise<string | undefined>[] = [];
    for (const turn of TURNS) {
      reads.push(textOf('busy'), textOf('busy'));
      await put('busy', String(turn));
    }
    for (const text of await Promise.all(reads)) expect(text).toMatch(/^\d+$/);
  });

  it('is always copied as one of its versions', async () => {
    await put('source', '0');
    const copies: Promise<unknown>[] = [];
    for (const turn of TURNS) {
      copies.push(
        server.s3.send(
          new CopyObjectCommand({ Bucket, Key: `copy-${turn % 3}`, CopySource: `${Bucket}/source` }),
        ),
      );
      await put('source', String(turn));
    }
    await Promise.all(copies);
    expect(await textOf('copy-0')).toMatch(/^\d+$/);
  });
});

it.each([
  ['overwritten', () => put('large', 'small')],
  ['deleted', () => server.s3.send(new DeleteObjectCommand({ Bucket, Key: 'large' }))],
])('a multipart object that is %s during a read is read to its end', async (_what, change) => {
  const before = await server.blobs();
  const bytes = await putParts('large');
  const { Body } = await server.s3.send(new GetObjectCommand({ Bucket, Key: 'large' }));
  await change();
  expect(Buffer.from((await Body?.transformToByteArray()) ?? []).equals(bytes)).toBe(true);
  await server.s3.send(new DeleteObjectCommand({ Bucket, Key: 'large' }));
  expect(await server.blobs()).toBe(before);
});
