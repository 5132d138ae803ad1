import { CreateBucketCommand, CreateMultipartUploadCommand, HeadObjectCommand } from '@aws-sdk/client-s3';
import { createPresignedPost } from '@aws-sdk/s3-presigned-post';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chunkedBody } from '../../../../test/support/chunked-body.ts';
import { cases, fc } from '../../../../test/support/fuzz.ts';
import { errorOf, rawHeaders, startS3, type TestS3 } from './server.ts';

const Bucket = 'limited';
const LARGEST_PUT = 3_000_000;
const LARGEST_DOCUMENT = 2 * 1024 ** 2;
const LARGEST_FIELDS = 20 * 1024;

let server: TestS3;
let uploadId: string;
beforeAll(async () => {
  server = await startS3(undefined, { largestPutBytes: LARGEST_PUT });
  await server.s3.send(new CreateBucketCommand({ Bucket }));
  const upload = await server.s3.send(new CreateMultipartUploadCommand({ Bucket, Key: 'parts' }));
  uploadId = upload.UploadId ?? '';
});
afterAll(() => server.stop());

async function send(method: string, path: string, body: ReadableStream, headers = rawHeaders()) {
  const url = `${server.url}/${Bucket}${path}`;
  const answer = await fetch(url, { method, body, headers, duplex: 'half' });
  return [answer.status, /<Code>(.*)<\/Code>/.exec(await answer.text())?.[1]];
}

const aws = { 'x-amz-content-sha256': 'STREAMING-UNSIGNED-PAYLOAD-TRAILER' };
const ROUTES = [
  ['an object', 'PUT', () => '/object', {}, LARGEST_PUT, 'EntityTooLarge'],
  ['a part', 'PUT', () => `/parts?uploadId=${uploadId}&partNumber=1`, {}, LARGEST_PUT, 'EntityTooLarge'],
  ['parts to complete', 'POST', () => `/parts?uploadId=${uploadId}`, {}, LARGEST_DOCUMENT],
  ['objects to delete', 'POST', () => '?delete', {}, LARGEST_DOCUMENT],
  ['objects to delete, in chunks', 'POST', () => '?delete', aws, LARGEST_DOCUMENT],
  ['CORS rules', 'PUT', () => '?cors', {}, LARGEST_DOCUMENT],
  ['notifications', 'PUT', () => '?notification', {}, LARGEST_DOCUMENT],
  ['versioning', 'PUT', () => '?versioning', {}, LARGEST_DOCUMENT],
  ['a new bucket', 'PUT', () => '', {}, LARGEST_DOCUMENT],
] as const;

describe('a body without a declared length', () => {
  it.each(ROUTES)(
    'is refused above the limit for %s, however it is chunked, and nothing of it is kept',
    async (_what, method, path, headers, most, code: string = 'MaxMessageLengthExceeded') => {
      const before = await server.blobs();
      const sizes = fc.record({
        excess: fc.integer({ min: 1, max: 3_000_000 }),
        chunk: fc.integer({ min: 1000, max: 300_000 }),
      });
      await fc.assert(
        fc.asyncProperty(sizes, async ({ excess, chunk }) => {
          const body = chunkedBody(most + excess, chunk, 'x-amz-content-sha256' in headers);
          expect(await send(method, path(), body, rawHeaders(headers))).toEqual([400, code]);
        }),
        { numRuns: cases(4) },
      );
      expect(await server.blobs()).toBe(before);
    },
  );

  it("is stored if it has exactly the limit's size", async () => {
    expect(await send('PUT', '/full', chunkedBody(LARGEST_PUT, 100_000))).toEqual([200, undefined]);
    expect(await send('PUT', '/full', chunkedBody(LARGEST_PUT + 1, 100_000))).toEqual([
      400,
      'EntityTooLarge',
    ]);
  });

  it('has a limited number of trailers', async () => {
    const trailers = Array.from({ length: 10_000 }, (_, index) => `x-${index}: y\r\n`).join('');
    const body = new Blob([`1\r\nx\r\n0\r\n${trailers}\r\n`]).stream();
    expect(await send('PUT', '/trailers', body, rawHeaders(aws))).toEqual([400, 'IncompleteBody']);
  });
});

describe('a form', () => {
  const boundary = 'limit';
  const headers = { 'content-type': `multipart/form-data; boundary=${boundary}` };
  const field = (name: string, value: string) =>
    `--${boundary}\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
  const file = `--${boundary}\r\ncontent-disposition: form-data; name="file"; filename="a"\r\n\r\nx\r\n--${boundary}--\r\n`;
  const post = (text: string) => send('POST', '', new Blob([text]).stream(), headers);

  it.each([
    ['a field that is too long', field('policy', 'x'.repeat(LARGEST_FIELDS + 1))],
    ['fields that are too long together', field('a', 'x'.repeat(1000)).repeat(25)],
    ['a name that is too long', field('n'.repeat(LARGEST_FIELDS + 1), '')],
    ['too many fields', field('', '').repeat(1000)],
  ])('with %s is refused before its policy is checked', async (_what, fields) => {
    expect(await post(fields + file)).toEqual([400, 'MaxPostPreDataLengthExceededError']);
    // Also without a file.
    expect(await post(`${fields}--${boundary}--\r\n`)).toEqual([400, 'MaxPostPreDataLengthExceededError']);
  });

  it('that is refused for its fields stores no file, whatever its size', async () => {
    const { fields } = await createPresignedPost(server.s3, { Bucket, Key: 'refused' });
    const signed = Object.entries(fields).map((each) => field(...each));
    const tooMany = field('x-ignore-a', 'x'.repeat(1000)).repeat(25);
    for (const size of [1, 200_000]) {
      const large = file.replace('\r\nx\r\n', `\r\n${'x'.repeat(size)}\r\n`);
      expect(await post(signed.join('') + tooMany + large)).toEqual([
        400,
        'MaxPostPreDataLengthExceededError',
      ]);
    }
    expect(await errorOf(server.s3.send(new HeadObjectCommand({ Bucket, Key: 'refused' })))).toMatchObject({
      status: 404,
    });
  });

  it('cannot contain a larger file than a request can', async () => {
    const { fields } = await createPresignedPost(server.s3, { Bucket, Key: 'posted' });
    const text = Object.entries(fields).map((each) => field(...each));
    const large = file.replace('\r\nx\r\n', `\r\n${'x'.repeat(LARGEST_PUT + 1)}\r\n`);
    expect(await post(text.join('') + large)).toEqual([400, 'EntityTooLarge']);
    expect(await post(text.join('') + file)).toEqual([204, undefined]);
  });
});
