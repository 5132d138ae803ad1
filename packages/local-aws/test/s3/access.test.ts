import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import {
  CreateBucketCommand,
  GetObjectCommand,
  PutBucketCorsCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { createPresignedPost, type PresignedPostOptions } from '@aws-sdk/s3-presigned-post';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { localClientConfig } from '../../src/client-config.ts';
import { knownPairs } from '../../src/s3/credentials.ts';
import { errorOf, startS3, type TestS3 } from './server.ts';

let server: TestS3;
const Bucket = 'forms';
beforeAll(async () => {
  server = await startS3();
  await server.s3.send(new CreateBucketCommand({ Bucket }));
});
afterAll(() => server.stop());

const textOf = async (Key: string) =>
  (await server.s3.send(new GetObjectCommand({ Bucket, Key }))).Body?.transformToString();
const codeOf = async (answer: Response) => [
  answer.status,
  /<Code>(.*)<\/Code>/.exec(await answer.text())?.[1],
];
const clientAs = (accessKeyId: string, secretAccessKey: string) =>
  new S3Client({
    ...localClientConfig(server.url),
    credentials: { accessKeyId, secretAccessKey },
    forcePathStyle: true,
  });

describe('a request', () => {
  it('signed with any credentials is accepted; an unsigned one is refused', async () => {
    await clientAs('somebody', 'something').send(new PutObjectCommand({ Bucket, Key: 'signed', Body: 'x' }));
    expect(await textOf('signed')).toBe('x');
    expect(await codeOf(await fetch(`${server.url}/${Bucket}/signed`))).toEqual([403, 'AccessDenied']);
  });

  it('can name its bucket in the host name', async () => {
    await server.s3.send(new PutObjectCommand({ Bucket, Key: 'hosted key', Body: 'x' }));
    const url = await getSignedUrl(
      new S3Client({ ...localClientConfig(server.url.replace('127.0.0.1', 'localhost')) }),
      new GetObjectCommand({ Bucket, Key: 'hosted key' }),
    );
    expect(new URL(url).hostname).toBe(`${Bucket}.localhost`);
    // The name is only in the header, because not every machine resolves subdomains of localhost.
    const { host, port, pathname, search } = new URL(url);
    const [answer] = (await once(
      get({ host: '127.0.0.1', port, path: pathname + search, headers: { host } }),
      'response',
    )) as [IncomingMessage];
    expect(await text(answer)).toBe('x');
  });
});

describe('a presigned URL', () => {
  const KEY = 'a folder/é+%.txt';

  it('puts and gets the object that it was signed for', async () => {
    const put = await getSignedUrl(server.s3, new PutObjectCommand({ Bucket, Key: KEY }), { expiresIn: 60 });
    expect((await fetch(put, { method: 'PUT', body: 'presigned' })).status).toBe(200);
    const reading = await getSignedUrl(
      server.s3,
      new GetObjectCommand({ Bucket, Key: KEY, ResponseContentType: 'text/html' }),
      { expiresIn: 60 },
    );
    const answer = await fetch(reading);
    expect([answer.headers.get('content-type'), await answer.text()]).toEqual(['text/html', 'presigned']);
  });

  it('expires', async () => {
    const url = await getSignedUrl(server.s3, new GetObjectCommand({ Bucket, Key: KEY }), { expiresIn: 60 });
    server.advance(30_000);
    expect((await fetch(url)).status).toBe(200);
    server.advance(32_000);
    expect(await codeOf(await fetch(url))).toEqual([403, 'AccessDenied']);
    server.advance(-62_000);
  });

  it('is valid for nothing else, and for at most a week', async () => {
    const url = new URL(
      await getSignedUrl(server.s3, new GetObjectCommand({ Bucket, Key: KEY }), { expiresIn: 60 }),
    );
    expect(await codeOf(await fetch(url.href.replace('.txt', '.bin')))).toEqual([
      403,
      'SignatureDoesNotMatch',
    ]);
    expect(await codeOf(await fetch(url, { method: 'DELETE' }))).toEqual([403, 'SignatureDoesNotMatch']);
    url.searchParams.set('X-Amz-Expires', '604800');
    expect(await codeOf(await fetch(url))).toEqual([403, 'SignatureDoesNotMatch']);
    url.searchParams.set('X-Amz-Expires', '604801');
    expect(await codeOf(await fetch(url))).toEqual([400, 'AuthorizationQueryParametersError']);
  });

  it.each(['Algorithm', 'Credential', 'Date', 'Expires'])('requires X-Amz-%s', async (name) => {
    const url = new URL(await getSignedUrl(server.s3, new GetObjectCommand({ Bucket, Key: KEY })));
    const malformed = [400, 'AuthorizationQueryParametersError'];
    url.searchParams.set(`X-Amz-${name}`, 'other');
    expect(await codeOf(await fetch(url))).toEqual(malformed);
    url.searchParams.delete(`X-Amz-${name}`);
    expect(await codeOf(await fetch(url))).toEqual(malformed);
  });

  it('must sign the host, and may be signed by a clock that is a quarter of an hour ahead', async () => {
    const command = new GetObjectCommand({ Bucket, Key: KEY });
    const url = new URL(await getSignedUrl(server.s3, command));
    url.searchParams.set('X-Amz-SignedHeaders', 'range');
    expect(await codeOf(await fetch(url))).toEqual([403, 'AccessDenied']);
    const inMinutes = (minutes: number) =>
      getSignedUrl(server.s3, command, { signingDate: new Date(Date.now() + minutes * 60_000) });
    expect((await fetch(await inMinutes(14))).status).toBe(200);
    expect(await codeOf(await fetch(await inMinutes(16)))).toEqual([403, 'AccessDenied']);
  });

  it('of the second version of signatures is refused with a remedy', async () => {
    const answer = await fetch(
      `${server.url}/${Bucket}/signed?AWSAccessKeyId=local&Expires=4000000000&Signature=x`,
    );
    expect([answer.status, await answer.text()]).toEqual([
      400,
      expect.stringContaining('signature version 4'),
    ]);
  });

  it('is valid only with the signed headers, and no other S3 headers', async () => {
    const command = new PutObjectCommand({ Bucket, Key: KEY, ContentLength: 3, ContentType: 'text/plain' });
    const signableHeaders = new Set(['content-type']);
    const url = await getSignedUrl(server.s3, command, { signableHeaders });
    const put = async (body: string, headers: Record<string, string>) =>
      codeOf(await fetch(url, { method: 'PUT', body, headers }));
    const type = { 'content-type': 'text/plain' };
    const refused = [403, 'SignatureDoesNotMatch'];
    expect(await put('four', type)).toEqual(refused);
    expect(await put('abc', { 'content-type': 'text/html' })).toEqual(refused);
    const copy = { ...type, 'x-amz-copy-source': `${Bucket}/signed` };
    expect(await put('abc', copy)).toEqual([403, 'AccessDenied']);
    expect(await put('abc', { ...type, 'x-amz-meta-by': 'nobody' })).toEqual([403, 'AccessDenied']);
    expect(await put('abc', type)).toEqual([200, undefined]);
  });

  it('is accepted with any credentials, but with a known access key id only if the secret matches', async () => {
    const status = async (client: S3Client) => {
      const url = await getSignedUrl(client, new GetObjectCommand({ Bucket, Key: KEY }), { expiresIn: 60 });
      return (await fetch(url)).status;
    };
    expect(await status(clientAs('AKIAIOSFODNN7EXAMPLE', 'wJalrXUtnFEMI/bPxRfiCYEXAMPLEKEY'))).toBe(200);
    expect(await status(clientAs('known', 'its secret'))).toBe(200);
    expect(await status(clientAs('known', 'its other secret'))).toBe(200);
    expect(await status(clientAs('known', 'known'))).toBe(403);
    expect(await status(clientAs('local', 'wrong'))).toBe(403);
  });

  it('expires, and must not contain unsigned headers, with any credentials', async () => {
    const client = clientAs('AKIAIOSFODNN7EXAMPLE', 'wJalrXUtnFEMI/bPxRfiCYEXAMPLEKEY');
    const url = await getSignedUrl(client, new PutObjectCommand({ Bucket, Key: KEY }), { expiresIn: 60 });
    const put = async (headers = {}) => codeOf(await fetch(url, { method: 'PUT', body: 'x', headers }));
    expect(await put({ 'x-amz-copy-source': `${Bucket}/signed` })).toEqual([403, 'AccessDenied']);
    server.advance(62_000);
    expect(await put()).toEqual([403, 'AccessDenied']);
    server.advance(-62_000);
    expect(await put()).toEqual([200, undefined]);
  });
});

describe('a browser form', () => {
  async function post(
    options: Partial<PresignedPostOptions>,
    file: Blob = new Blob(['file content']),
    more: Record<string, string> = {},
    client = server.s3,
  ) {
    const { url, fields } = await createPresignedPost(client, {
      Bucket,
      Key: 'posted/${filename}',
      Expires: 60,
      ...options,
    });
    const form = new FormData();
    for (const [name, value] of Object.entries({ ...fields, ...more })) form.set(name, value);
    form.set('file', file, 'photo é.jpg');
    return fetch(url, { method: 'POST', body: form, redirect: 'manual' });
  }

  it('uploads files that its policy allows', async () => {
    const answer = await post({
      Conditions: [
        ['starts-with', '$key', 'posted/'],
        ['content-length-range', 1, 100],
        ['starts-with', '$Content-Type', 'image/'],
      ],
      Fields: { 'Content-Type': 'image/jpeg', 'x-amz-meta-by': 'a form' },
    });
    expect([answer.status, await answer.text()]).toEqual([204, '']);
    const stored = await server.s3.send(new GetObjectCommand({ Bucket, Key: 'posted/photo é.jpg' }));
    expect(stored).toMatchObject({
      ContentType: 'image/jpeg',
      Metadata: { by: 'a form' },
      ETag: answer.headers.get('etag'),
    });
    expect(await stored.Body?.transformToString()).toBe('file content');
  });

  it('may contain the file as text without a file name', async () => {
    const { url, fields } = await createPresignedPost(server.s3, { Bucket, Key: 'text', Expires: 60 });
    const form = new FormData();
    for (const [name, value] of Object.entries(fields)) form.set(name, value);
    const content = 'a line of text\n'.repeat(10_000);
    form.set('file', content);
    expect((await fetch(url, { method: 'POST', body: form })).status).toBe(204);
    // Browsers send the line breaks of a text field in this way.
    expect(await textOf('text')).toBe(content.replaceAll('\n', '\r\n'));
  });

  it("has its file's name inserted into every field before its policy is checked", async () => {
    const Fields = { 'x-amz-meta-name': 'of ${filename}' };
    const answer = await post({ Fields, Conditions: [['eq', '$x-amz-meta-name', 'of ${filename}']] });
    expect(await codeOf(answer)).toEqual([403, 'AccessDenied']);
    // Without the SDK, which turns each field into an equality condition.
    const { url, fields } = await createPresignedPost(server.s3, {
      Bucket,
      Key: 'expanded',
      Conditions: [['starts-with', '$x-amz-meta-name', 'of photo']],
    });
    const form = new FormData();
    for (const [name, value] of Object.entries({ ...fields, ...Fields })) form.set(name, value);
    form.set('file', new Blob(['x']), 'photo.jpg');
    expect((await fetch(url, { method: 'POST', body: form })).status).toBe(204);
    const { Metadata } = await server.s3.send(new GetObjectCommand({ Bucket, Key: 'expanded' }));
    expect(Metadata).toEqual({ name: 'of photo.jpg' });
  });

  it('is answered with a document or a redirect, as requested', async () => {
    const document = await post({ Fields: { success_action_status: '201' } });
    const location = `${server.url}/${Bucket}/posted/photo%20%C3%A9.jpg`;
    expect([document.status, document.headers.get('content-type')]).toEqual([201, 'application/xml']);
    expect(document.headers.get('location')).toBe(location);
    const shown = await document.text();
    for (const part of [
      '<Key>posted/photo é.jpg</Key>',
      `<Bucket>${Bucket}</Bucket>`,
      `<Location>${location}</Location>`,
      `<ETag>&quot;${createHash('md5').update('file content').digest('hex')}&quot;</ETag>`,
    ])
      expect(shown).toContain(part);
    for (const [wanted, status] of [
      ['200', 200],
      ['204', 204],
      ['404', 204],
    ] as const)
      expect((await post({ Fields: { success_action_status: wanted } })).status).toBe(status);
    expect((await post({ Fields: { success_action_redirect: 'nowhere' } })).status).toBe(204);
    expect((await post({ Fields: { redirect: 'http://127.0.0.1/' } })).status).toBe(303);
    const redirect = await post({ Fields: { success_action_redirect: 'http://127.0.0.1/done?x=1' } });
    expect(redirect.status).toBe(303);
    const to = new URL(redirect.headers.get('location') ?? '');
    expect([to.origin, to.pathname, ...to.searchParams]).toEqual([
      'http://127.0.0.1',
      '/done',
      ['x', '1'],
      ['bucket', Bucket],
      ['key', 'posted/photo é.jpg'],
      ['etag', redirect.headers.get('etag')],
    ]);
  });

  it.each([
    [
      'a key outside its prefix',
      { Conditions: [['starts-with', '$key', 'mine/']] },
      undefined,
      {},
      [403, 'AccessDenied'],
    ],
    [
      'a field that no condition speaks of',
      {},
      undefined,
      { 'x-amz-meta-smuggled': '1' },
      [403, 'AccessDenied'],
    ],
    [
      'a field of another value',
      { Fields: { 'Content-Type': 'image/png' } },
      undefined,
      { 'Content-Type': 'text/html' },
      [403, 'AccessDenied'],
    ],
    [
      'a file that is too large',
      { Conditions: [['content-length-range', 1, 10]] },
      new Blob(['x'.repeat(1_000_000)]),
      {},
      [400, 'EntityTooLarge'],
    ],
    [
      'a file that is too small',
      { Conditions: [['content-length-range', 5, 10]] },
      new Blob(['x']),
      {},
      [400, 'EntityTooSmall'],
    ],
    [
      'a changed policy',
      {},
      undefined,
      { Policy: Buffer.from('{"expiration":"2099-01-01T00:00:00Z","conditions":[]}').toString('base64') },
      [403, 'SignatureDoesNotMatch'],
    ],
  ] as [string, Partial<PresignedPostOptions>, Blob | undefined, Record<string, string>, unknown[]][])(
    'with %s is refused and stores nothing',
    async (_what, options, file, more, expected) => {
      const before = await server.blobs();
      expect(await codeOf(await post({ Key: 'refused', ...options }, file, more))).toEqual(expected);
      expect((await errorOf(textOf('refused'))).status).toBe(404);
      expect(await server.blobs()).toBe(before);
    },
  );

  it('must meet every condition, of which several may be about one field', async () => {
    const most: PresignedPostOptions['Conditions'] = [
      ['content-length-range', 0, 12],
      ['content-length-range', 12, 100],
    ];
    expect((await post({ Conditions: most })).status).toBe(204);
    expect(await codeOf(await post({ Conditions: most }, new Blob(['x'.repeat(13)])))).toEqual([
      400,
      'EntityTooLarge',
    ]);
    expect(await codeOf(await post({ Conditions: most }, new Blob(['x'.repeat(11)])))).toEqual([
      400,
      'EntityTooSmall',
    ]);
    const images: PresignedPostOptions['Conditions'] = [['starts-with', '$Content-Type', 'image/']];
    const typed = (type: string) =>
      post({ Conditions: images, Fields: {} }, undefined, { 'Content-Type': type });
    expect((await typed('image/png,image/webp')).status).toBe(204);
    expect(await codeOf(await typed('image/png,text/html'))).toEqual([403, 'AccessDenied']);
  });

  it('must have exactly the value of an equality condition, and the bucket of its policy', async () => {
    const denied = [403, 'AccessDenied'];
    expect(await codeOf(await post({ Key: 'exact' }, undefined, { key: 'exact, and more' }))).toEqual(denied);
    const { url, fields } = await createPresignedPost(server.s3, { Bucket, Key: 'elsewhere' });
    await server.s3.send(new CreateBucketCommand({ Bucket: 'other-forms' }));
    const form = new FormData();
    for (const [name, value] of Object.entries(fields)) form.set(name, value);
    form.set('file', new Blob(['x']));
    const other = url.replace(`/${Bucket}`, '/other-forms');
    expect(await codeOf(await fetch(other, { method: 'POST', body: form }))).toEqual(denied);
  });

  it('may have commas in its key, all of which begins as its policy says', async () => {
    const Conditions: PresignedPostOptions['Conditions'] = [['starts-with', '$key', 'posted/']];
    expect((await post({ Key: 'posted/a,b', Conditions })).status).toBe(204);
    expect(await textOf('posted/a,b')).toBe('file content');
  });

  it.each([
    [{ 'X-Amz-Algorithm': 'AWS4-HMAC-SHA1' }, [400, 'InvalidRequest']],
    [{ 'X-Amz-Credential': 'local' }, [400, 'InvalidRequest']],
    [{ 'X-Amz-Credential': 'local/20260101/us-east-1/s3/aws4_request/more' }, [400, 'InvalidRequest']],
    [{ key: '' }, [400, 'InvalidArgument']],
    [{ acl: 'public-read' }, [501, 'NotImplemented']],
  ])('with %j is refused', async (more, expected) => {
    const anybody = clientAs('AKIAIOSFODNN7EXAMPLE', 'wJalrXUtnFEMI/bPxRfiCYEXAMPLEKEY');
    const names = [
      ...Object.keys(more),
      'key',
      'bucket',
      'x-amz-date',
      'x-amz-algorithm',
      'x-amz-credential',
    ];
    const conditions = names.map((name) => ['starts-with', `$${name}`, '']);
    const policy = { expiration: '2099-01-01T00:00:00Z', conditions };
    const Policy = Buffer.from(JSON.stringify(policy)).toString('base64');
    expect(await codeOf(await post({}, undefined, { ...more, Policy }, anybody))).toEqual(expected);
  });

  it('may have fields that are for the page alone', async () => {
    expect((await post({}, undefined, { 'x-ignore-me': '1' })).status).toBe(204);
  });

  it.each([
    ['no JSON', 'nonsense'],
    ['no conditions', '{"expiration":"2099-01-01T00:00:00Z"}'],
    ['no time', '{"expiration":"tomorrow","conditions":[]}'],
    ['an unknown condition', '{"expiration":"2099-01-01T00:00:00Z","conditions":[["ends-with","$key","x"]]}'],
    ['a condition about nothing', '{"expiration":"2099-01-01T00:00:00Z","conditions":[["eq","key","x"]]}'],
  ])('whose policy is %s is refused', async (_what, policy) => {
    const anybody = clientAs('AKIAIOSFODNN7EXAMPLE', 'wJalrXUtnFEMI/bPxRfiCYEXAMPLEKEY');
    const Policy = Buffer.from(policy).toString('base64');
    expect(await codeOf(await post({}, undefined, { Policy }, anybody))).toEqual([
      400,
      'InvalidPolicyDocument',
    ]);
  });

  it('expires, and requires a policy and a valid signature', async () => {
    server.advance(61_000);
    const { url, fields } = await createPresignedPost(server.s3, { Bucket, Key: 'late', Expires: 60 });
    const form = new FormData();
    for (const [name, value] of Object.entries(fields)) form.set(name, value);
    form.set('file', new Blob(['x']));
    expect(await codeOf(await fetch(url, { method: 'POST', body: form }))).toEqual([403, 'AccessDenied']);
    server.advance(-61_000);
    const anybody = clientAs('AKIAIOSFODNN7EXAMPLE', 'wJalrXUtnFEMI/bPxRfiCYEXAMPLEKEY');
    expect((await post({}, undefined, {}, anybody)).status).toBe(204);
    expect(await codeOf(await post({ Expires: -1 }, undefined, {}, anybody))).toEqual([403, 'AccessDenied']);
    const elsewhere = { Conditions: [['starts-with', '$key', 'mine/']] } as const;
    expect(
      await codeOf(await post(elsewhere as unknown as PresignedPostOptions, undefined, {}, anybody)),
    ).toEqual([403, 'AccessDenied']);
    expect(await codeOf(await post({}, undefined, {}, clientAs('known', 'unknown')))).toEqual([
      403,
      'SignatureDoesNotMatch',
    ]);
    const bare = new FormData();
    bare.set('key', 'x');
    bare.set('file', new Blob(['x']));
    expect(await codeOf(await fetch(url, { method: 'POST', body: bare }))).toEqual([403, 'AccessDenied']);
    const none = new FormData();
    none.set('key', 'x');
    expect(await codeOf(await fetch(url, { method: 'POST', body: none }))).toEqual([400, 'InvalidArgument']);
    const broken = { method: 'POST', body: 'x', headers: { 'content-type': 'multipart/form-data' } };
    expect(await codeOf(await fetch(url, broken))).toEqual([400, 'MalformedPOSTRequest']);
  });
});

it('the key pair in the environment is known, if there is a whole one', () => {
  const own = { accessKeyId: 'own', secretAccessKey: 'secret' };
  const theirs = { AWS_ACCESS_KEY_ID: 'theirs', AWS_SECRET_ACCESS_KEY: 'x' };
  expect(knownPairs(own, theirs)).toEqual([own, { accessKeyId: 'theirs', secretAccessKey: 'x' }]);
  for (const name of Object.keys(theirs))
    expect(knownPairs(own, { ...theirs, [name]: undefined })).toEqual([own]);
});

describe('a page of another origin', () => {
  const preflight = (origin: string, method: string, headers = 'content-type') =>
    fetch(`${server.url}/${Bucket}/x`, {
      method: 'OPTIONS',
      headers: { origin, 'access-control-request-method': method, 'access-control-request-headers': headers },
    });

  it('is refused without a CORS rule', async () => {
    expect(await codeOf(await preflight('http://a.example', 'PUT'))).toEqual([403, 'AccessForbidden']);
  });

  it('is refused a preflight that names no origin or no method', async () => {
    for (const headers of [{ origin: 'http://a.example' }, { 'access-control-request-method': 'PUT' }]) {
      const answer = await fetch(`${server.url}/${Bucket}/x`, {
        method: 'OPTIONS',
        headers: headers as Record<string, string>,
      });
      expect(await codeOf(answer)).toEqual([400, 'BadRequest']);
    }
  });

  it.each([
    ['http://a.example', 'http://a.example', true],
    ['http://a.example', 'http://a.example.org', false],
    ['http://*.example', 'http://.example', true],
    ['http://*.example', 'http://a.example.org', false],
    ['http://*.example', 'https://a.example', false],
    ['http://ab*ba', 'http://aba', false],
    ['http://ab*ba', 'http://abba', true],
    ['http://*', 'http://anything', true],
  ])('that the rule for %s allows: %s → %s', async (pattern, origin, allowed) => {
    const rule = { AllowedOrigins: [pattern], AllowedMethods: ['PUT'], AllowedHeaders: ['*'] };
    await server.s3.send(new PutBucketCorsCommand({ Bucket, CORSConfiguration: { CORSRules: [rule] } }));
    const answer = await preflight(origin, 'PUT');
    expect(answer.headers.get('access-control-allow-origin')).toBe(allowed ? origin : null);
  });

  it('of any origin may be allowed, but then without credentials', async () => {
    const rules = [
      { AllowedOrigins: ['http://mine.example'], AllowedMethods: ['GET'] },
      { AllowedOrigins: ['*'], AllowedMethods: ['PUT'], AllowedHeaders: ['Content-Type', 'X-Amz-*'] },
    ];
    await server.s3.send(new PutBucketCorsCommand({ Bucket, CORSConfiguration: { CORSRules: rules } }));
    const anyone = await preflight('http://a.example', 'PUT', ' content-type , x-amz-date,');
    expect(Object.fromEntries(anyone.headers)).toMatchObject({
      'access-control-allow-origin': '*',
      'access-control-allow-headers': 'content-type, x-amz-date',
      vary: expect.stringContaining('Origin'),
    });
    for (const name of ['access-control-allow-credentials', 'access-control-max-age'])
      expect(anyone.headers.has(name)).toBe(false);
    const mine = await preflight('http://mine.example', 'GET', '');
    expect(mine.headers.get('access-control-allow-credentials')).toBe('true');
    expect(mine.headers.has('access-control-allow-headers')).toBe(false);
    expect((await preflight('http://a.example', 'PUT', 'content-type, other')).status).toBe(403);
    expect((await preflight('http://mine.example', 'GET', 'content-type')).status).toBe(403);
  });

  it("may send the requests that the bucket's CORS rules allow, and read the headers that they expose", async () => {
    const rule = {
      AllowedOrigins: ['http://*.example'],
      AllowedMethods: ['PUT', 'GET'],
      AllowedHeaders: ['content-*'],
      ExposeHeaders: ['ETag'],
      MaxAgeSeconds: 60,
    };
    await server.s3.send(new PutBucketCorsCommand({ Bucket, CORSConfiguration: { CORSRules: [rule] } }));
    const allowed = await preflight('http://a.example', 'PUT');
    expect(allowed.status).toBe(200);
    expect(Object.fromEntries(allowed.headers)).toMatchObject({
      'access-control-allow-origin': 'http://a.example',
      'access-control-allow-methods': 'PUT, GET',
      'access-control-allow-headers': 'content-type',
      'access-control-max-age': '60',
    });
    expect((await preflight('http://a.example', 'DELETE')).status).toBe(403);
    expect((await preflight('http://a.other', 'PUT')).status).toBe(403);
    expect((await preflight('http://a.example', 'PUT', 'x-other')).status).toBe(403);
    const url = await getSignedUrl(server.s3, new GetObjectCommand({ Bucket, Key: 'not there' }));
    const answer = await fetch(url, { headers: { origin: 'http://a.example' } });
    expect(answer.headers.get('access-control-allow-origin')).toBe('http://a.example');
    expect(answer.headers.get('access-control-expose-headers')).toBe('ETag');
    expect(
      (await fetch(url, { headers: { origin: 'http://a.other' } })).headers.get(
        'access-control-allow-origin',
      ),
    ).toBeNull();
  });
});
