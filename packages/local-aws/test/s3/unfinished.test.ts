import { connect, type Socket } from 'node:net';
import {
  AbortMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteBucketCommand,
  GetObjectCommand,
} from '@aws-sdk/client-s3';
import { createPresignedPost } from '@aws-sdk/s3-presigned-post';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../../../../test/support/eventually.ts';
import { errorOf, rawHeaders, startS3, type TestS3 } from './server.ts';
import { slowPut } from './slow-put.ts';

let server: TestS3;
const Bucket = 'unfinished';
beforeAll(async () => {
  server = await startS3();
  await server.s3.send(new CreateBucketCommand({ Bucket }));
});
afterAll(() => server.stop());

/** Sends a request's headers and the start of its body. Returns the connection once the server is storing it. */
async function sendBeginning(line: string, headers: Record<string, string>, body: string): Promise<Socket> {
  const before = await server.blobs();
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
  const head = Object.entries({ host: 'x', ...headers }).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.write(`${line} HTTP/1.1\r\n${head.join('')}\r\n${body}`);
  await eventually('it is being received', async () => (await server.blobs()) > before);
  return socket;
}

async function formBody(): Promise<string> {
  const { fields } = await createPresignedPost(server.s3, { Bucket, Key: 'cut' });
  const parts = Object.entries<string>({ ...fields, 'file"; filename="f': 'beginning ' }).map(
    ([name, value]) => `--x\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
  );
  return parts.join('');
}

/** Resolves when nothing is left of an interrupted upload. */
async function breakOff(line: string, headers: Record<string, string>, body: string): Promise<void> {
  const before = await server.blobs();
  const socket = await sendBeginning(line, rawHeaders({ 'content-length': '100000', ...headers }), body);
  socket.destroy();
  await eventually('it is forgotten', async () => (await server.blobs()) === before);
}

const stored = () => errorOf(server.s3.send(new GetObjectCommand({ Bucket, Key: 'cut' })));

const FORM = { 'content-type': 'multipart/form-data; boundary=x' };
const CHUNKED = {
  'content-encoding': 'aws-chunked',
  'x-amz-content-sha256': 'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
  'x-amz-decoded-content-length': '1000',
};

describe('an upload whose connection breaks', () => {
  const broken: [string, string, Record<string, string>, string][] = [
    ['a plain body', 'PUT /unfinished/cut', {}, 'only the beginning'],
    ['an aws-chunked body', 'PUT /unfinished/cut', CHUNKED, 'a\r\n0123456789\r\nff\r\ntoo short'],
  ];
  it.each(broken)('in %s stores nothing and leaves nothing behind', async (_what, line, headers, body) => {
    await breakOff(line, headers, body);
    expect(await stored()).toMatchObject({ status: 404 });
  });

  it('in a form stores nothing and leaves nothing behind', async () => {
    await breakOff('POST /unfinished', FORM, await formBody());
    expect(await stored()).toMatchObject({ status: 404 });
  });
});

it('a form without its final boundary is refused and leaves nothing behind', async () => {
  const before = await server.blobs();
  const answer = await fetch(`${server.url}/${Bucket}`, {
    method: 'POST',
    headers: FORM,
    body: await formBody(),
  });
  expect([answer.status, (await answer.text()).includes('MalformedPOSTRequest')]).toEqual([400, true]);
  expect(await server.blobs()).toBe(before);
});

describe('an upload whose destination disappears while its body arrives', () => {
  it('because its bucket is deleted gets NoSuchBucket', async () => {
    const before = await server.blobs();
    await server.s3.send(new CreateBucketCommand({ Bucket: 'going' }));
    const slow = await slowPut(server, '/going/k');
    await server.s3.send(new DeleteBucketCommand({ Bucket: 'going' }));
    slow.finish();
    expect(await slow.status).toBe(404);
    expect(await server.blobs()).toBe(before);
  });

  it('because its multipart upload is aborted gets NoSuchUpload', async () => {
    const before = await server.blobs();
    const upload = { Bucket, Key: 'aborted' };
    const { UploadId } = await server.s3.send(new CreateMultipartUploadCommand(upload));
    const slow = await slowPut(server, `/${Bucket}/aborted?partNumber=1&uploadId=${UploadId}`);
    await server.s3.send(new AbortMultipartUploadCommand({ ...upload, UploadId }));
    slow.finish();
    expect(await slow.status).toBe(404);
    expect(await server.blobs()).toBe(before);
  });
});
