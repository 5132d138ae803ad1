import {
  CreateBucketCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { createPresignedPost } from '@aws-sdk/s3-presigned-post';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { errorOf, rawHeaders, startS3, type TestS3 } from './server.ts';

let server: TestS3;
const Bucket = 'hostile';
beforeAll(async () => {
  server = await startS3();
  await server.s3.send(new CreateBucketCommand({ Bucket }));
});
afterAll(() => server.stop());

const get = (Key: string) => server.s3.send(new GetObjectCommand({ Bucket, Key }));
const codeOf = async (answer: Response) => [
  answer.status,
  /<Code>(.*)<\/Code>/.exec(await answer.text())?.[1],
];
async function post(Key: string, more: Record<string, string>, filename = 'a.txt') {
  const { url, fields } = await createPresignedPost(server.s3, { Bucket, Key, Fields: more });
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.set(name, value);
  form.set('file', new Blob(['content']), filename);
  return fetch(url, { method: 'POST', body: form });
}

describe('an unsigned request', () => {
  it.each(['?delete', '/key?uploads', '/key?uploadId=x'])(
    'cannot POST %s by claiming to be a form',
    async (path) => {
      const answer = await fetch(`${server.url}/${Bucket}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'multipart/form-data; boundary=x' },
        body: '<Delete><Object><Key>x</Key></Object></Delete>',
      });
      expect(await codeOf(answer)).toEqual([403, 'AccessDenied']);
    },
  );

  it('is refused with anything in place of a signature', async () => {
    const url = new URL(await getSignedUrl(server.s3, new GetObjectCommand({ Bucket, Key: 'k' })));
    url.searchParams.set('X-Amz-Signature', 'é'.repeat(64));
    expect(await codeOf(await fetch(url))).toEqual([403, 'SignatureDoesNotMatch']);
    expect(await codeOf(await fetch(`${url.href}&prefix=%E0%A4`))).toEqual([400, 'InvalidURI']);
    url.searchParams.set('X-Amz-Date', '20261399T000000Z');
    expect(await codeOf(await fetch(url))).toEqual([400, 'AuthorizationQueryParametersError']);
  });

  it('cannot lengthen a parameter of a presigned URL', async () => {
    await server.s3.send(new PutObjectCommand({ Bucket, Key: 'lengthened', Body: 'x' }));
    const url = await getSignedUrl(
      server.s3,
      new GetObjectCommand({ Bucket, Key: 'lengthened', ResponseContentType: 'text/plain' }),
    );
    const longer = url.replace('response-content-type=text%2Fplain', '$&=longer');
    expect(longer).not.toBe(url);
    expect(await codeOf(await fetch(longer))).toEqual([403, 'SignatureDoesNotMatch']);
  });
});

describe('a name or value outside Latin-1', () => {
  it('in a form is returned as a header with its UTF-8 bytes', async () => {
    expect((await post('beyond', { 'x-amz-meta-place': '日本' })).status).toBe(204);
    const { Metadata } = await get('beyond');
    expect(Buffer.from(Metadata?.['place'] ?? '', 'latin1').toString()).toBe('日本');
  });

  it('cannot be requested as a response header', async () => {
    const command = new GetObjectCommand({
      Bucket,
      Key: 'beyond',
      ResponseContentDisposition: 'attachment; filename="日本"',
    });
    expect(await codeOf(await fetch(await getSignedUrl(server.s3, command)))).toEqual([
      400,
      'InvalidArgument',
    ]);
  });

  it('cannot split a header', async () => {
    const answer = await post('broken', { 'x-amz-meta-a': 'one\r\nx-injected: two' });
    expect(await codeOf(answer)).toEqual([400, 'InvalidArgument']);
  });
});

describe('a form', () => {
  it('accepts any file name, including dollar signs', async () => {
    expect((await post('named/${filename}', {}, "a $& $1 $' $$.txt")).status).toBe(204);
    expect(await (await get("named/a $& $1 $' $$.txt")).Body?.transformToString()).toBe('content');
  });

  it.each([{ acl: 'public-read' }, { tagging: '<Tagging/>' }, { 'x-amz-storage-class': 'GLACIER' }])(
    'with %j gets NotImplemented',
    async (fields: Record<string, string>) => {
      expect(await codeOf(await post('refused', fields))).toEqual([501, 'NotImplemented']);
    },
  );
});

describe('a document', () => {
  it('may contain as many entities as its keys need', async () => {
    const Objects = Array.from({ length: 1000 }, (_, index) => ({ Key: `a & b < c > "d" ${index}` }));
    const { Deleted } = await server.s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }));
    expect(Deleted).toHaveLength(1000);
  });

  it('has each entity decoded once', async () => {
    const keys = ['&lt;', '&amp;', '&#65;', '&quot;"', ' blank '];
    for (const Key of keys) await server.s3.send(new PutObjectCommand({ Bucket, Key, Body: 'x' }));
    const Objects = keys.map((Key) => ({ Key }));
    const { Deleted } = await server.s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }));
    expect(Deleted?.map(({ Key }) => Key)).toEqual(keys);
    for (const Key of keys) expect((await errorOf(get(Key))).status).toBe(404);
  });

  it('may list 10,000 parts', async () => {
    const Part = Array.from(
      { length: 10_000 },
      (_, index) => `<Part><PartNumber>${index + 1}</PartNumber><ETag>&quot;0&quot;</ETag></Part>`,
    );
    const begun = await fetch(`${server.url}/${Bucket}/many?uploads`, {
      method: 'POST',
      headers: rawHeaders(),
    });
    const id = /<UploadId>(.*)<\/UploadId>/.exec(await begun.text())?.[1];
    const answer = await fetch(`${server.url}/${Bucket}/many?uploadId=${id}`, {
      method: 'POST',
      headers: rawHeaders(),
      body: `<CompleteMultipartUpload>${Part.join('')}</CompleteMultipartUpload>`,
    });
    expect(await codeOf(answer)).toEqual([400, 'InvalidPart']);
  });
});
