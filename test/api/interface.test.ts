import { readFile } from 'node:fs/promises';
import { Validator } from '@seriousme/openapi-schema-validator';
import { HeadObjectCommand, ListMultipartUploadsCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { OpenAPIClientAxios, type Document } from 'openapi-client-axios';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { localDeploymentSchema } from '../../src/core/deployment.ts';
import { parseRecipe } from '../../src/core/recipe.ts';
import { problemSchema } from '../../src/contract/problems.ts';
import { chunkedBody } from '../support/chunked-body.ts';
import { fc, FUZZ_SEED } from '../support/fuzz.ts';
import { photo, PHOTOS } from '../support/images.ts';
import { fetchDescribed } from '../support/described-answer.ts';
import { eventually } from '../support/eventually.ts';
import { listKeys, startTestPipeline, type TestPipeline } from '../support/pipeline.ts';

const MAX_BYTES = 30_000_000;

let pipeline: TestPipeline;
beforeAll(async () => {
  const recipe = parseRecipe(JSON.stringify({ limits: { bytes: MAX_BYTES } }));
  pipeline = await startTestPipeline({ recipe });
});
afterAll(() => pipeline.stop());

const signedSchema = z.object({
  batch: z.string(),
  prefix: z.string(),
  post: z.object({ url: z.string(), fields: z.record(z.string(), z.string()) }),
  expiresAt: z.string(),
  files: z.array(z.object({ name: z.string(), key: z.string() })),
});
type Signed = z.infer<typeof signedSchema>;

function request(path: string, init: RequestInit = {}): Promise<Response> {
  return fetchDescribed(pipeline.url + path, { redirect: 'manual', ...init });
}

function post(path: string, body: unknown): Promise<Response> {
  return request(path, {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json' },
  });
}

async function problemOf(answer: Response) {
  expect(answer.headers.get('content-type')).toBe('application/problem+json');
  const problem = problemSchema.parse(await answer.json());
  expect(problem.status).toBe(answer.status);
  return problem;
}

async function sign(files: object[], batch?: string): Promise<Signed> {
  const answer = await post('/uploads', { files, ...(batch === undefined ? {} : { batch }) });
  expect(answer.status).toBe(200);
  return signedSchema.parse(await answer.json());
}

function send(
  { post: { url, fields } }: Signed,
  key: string,
  bytes: Uint8Array<ArrayBuffer>,
  type = 'image/jpeg',
) {
  const form = new FormData();
  for (const [name, value] of Object.entries({ ...fields, key, 'Content-Type': type }))
    form.append(name, value);
  form.append('file', new Blob([bytes]));
  return fetch(url, { method: 'POST', body: form });
}

async function bytesOf(path: string): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await readFile(path));
}

const jpeg = (name: string, size = 1000) => ({ name, type: 'image/jpeg', size });

describe('POST /uploads', () => {
  it('signs one policy for all files of the batch, and the batch counts them', async () => {
    const names = PHOTOS.map((_, index) => `holiday/${index}.jpg`);
    const signed = await sign([...names, 'holiday/bad.jpg'].map((name) => jpeg(name)));
    expect(signed.files.map(({ key }) => key)).toEqual(
      [...names, 'holiday/bad.jpg'].map((name) => `batches/${signed.batch}/${name}`),
    );
    for (const [index, path] of PHOTOS.entries())
      expect((await send(signed, signed.files[index]?.key ?? '', await bytesOf(path))).status).toBe(204);
    expect((await send(signed, signed.files.at(-1)?.key ?? '', Buffer.from('no photo'))).status).toBe(204);

    const counts = await eventually('nothing is pending', async () => {
      const answer: unknown = await (await request(`/batches/${signed.batch}`)).json();
      const parsed = z
        .object({
          uploaded: z.int(),
          converted: z.int(),
          failed: z.int(),
          pending: z.int(),
          truncated: z.boolean(),
        })
        .parse(answer);
      return parsed.pending === 0 && parsed.uploaded === 7 && parsed;
    });
    expect(counts).toEqual({ uploaded: 7, converted: 6, failed: 1, pending: 0, truncated: false });

    const failed: unknown = await (await request(`/batches/${signed.batch}/objects?state=failed`)).json();
    expect(failed).toMatchObject({
      objects: [{ name: 'holiday/bad.jpg', state: 'failed', reason: { code: 'image.unsupported_format' } }],
    });
    const page: unknown = await (
      await request(`/batches/${signed.batch}/objects?state=converted&limit=4`)
    ).json();
    const { objects, next } = z
      .object({ objects: z.array(z.object({ name: z.string() })), next: z.string() })
      .parse(page);
    expect(objects.map(({ name }) => name)).toEqual(names.slice(0, 4));
    const rest: unknown = await (
      await request(`/batches/${signed.batch}/objects?state=converted&after=${encodeURIComponent(next)}`)
    ).json();
    expect(rest).toMatchObject({ objects: names.slice(4).map((name) => ({ name })) });
    expect(rest).not.toHaveProperty('next');
  });

  it('makes S3 refuse files that are too large, empty, outside the batch, or of another type', async () => {
    const signed = await sign([jpeg('a.jpg')]);
    const key = signed.files[0]?.key ?? '';
    const large = await send(signed, key, new Uint8Array(MAX_BYTES + 1));
    expect(await large.text()).toContain('<Code>EntityTooLarge</Code>');
    const empty = await send(signed, key, new Uint8Array(0));
    expect(await empty.text()).toContain('<Code>EntityTooSmall</Code>');
    const bytes = await bytesOf(PHOTOS[0] ?? '');
    expect((await send(signed, 'elsewhere.jpg', bytes)).status).toBe(403);
    expect((await send(signed, key, bytes, 'text/html')).status).toBe(403);
    expect((await listKeys(pipeline.s3, 'uploads')).filter((each) => each.startsWith(signed.prefix))).toEqual(
      [],
    );
  });

  it('signs a policy that expires after fifteen minutes', async () => {
    const before = Date.now();
    const { post: form, expiresAt } = await sign([jpeg('a.jpg')]);
    const policy: unknown = JSON.parse(Buffer.from(form.fields.Policy ?? '', 'base64').toString());
    const { expiration } = z.object({ expiration: z.string() }).parse(policy);
    const minutes = (text: string) => Math.round((Date.parse(text) - before) / 60_000);
    expect([minutes(expiration), minutes(expiresAt)]).toEqual([15, 15]);
  });

  it('keeps paths, makes them safe, and gives every file a unique key', async () => {
    const { prefix, files } = await sign(
      [
        'a/b.jpg',
        'a/b.jpg',
        'a/b (2).jpg',
        '../../etc/x.jpg',
        'C:\\photos\\y.jpg',
        '/./z\u0007.jpg',
        'e\u0301.jpg',
        '"><img src=x onerror=alert(1)>.jpg',
        'README',
        'README',
        '${filename}.png',
        '${file\u0007name}.png',
        '${filename}${FILENAME}/a${filename}',
      ].map((name) => jpeg(name)),
    );
    expect(files.map(({ key }) => key.slice(prefix.length))).toEqual([
      'a/b.jpg',
      'a/b (3).jpg',
      'a/b (2).jpg',
      'etc/x.jpg',
      'C:/photos/y.jpg',
      'z_.jpg',
      '\u00e9.jpg',
      '"><img src=x onerror=alert(1)>.jpg',
      'README',
      'README (2)',
      '$_{filename}.png',
      '${file_name}.png',
      '$_{filename}${FILENAME}/a$_{filename}',
    ]);
  });

  it('returns the key that each file is stored under, whatever its name', async () => {
    const pieces = '${filename} ${ filename } $ $& $$ / \\ .. _ %24{filename} " &amp; ; \u0000 é 日 😀 .png';
    const piece = fc.constantFrom(...pieces.split(' '), "$'", ' ');
    const name = fc.array(piece, { minLength: 1, maxLength: 6 }).map((chosen) => `a${chosen.join('')}`);
    const names = fc.sample(name, { numRuns: 100, seed: FUZZ_SEED });
    const signed = await sign(names.map((each) => jpeg(each)));
    const { files, prefix } = signed;
    await Promise.all(
      files.map(async ({ key }) => expect((await send(signed, key, Buffer.from(key))).status).toBe(204)),
    );
    const stored = (await listKeys(pipeline.s3, 'uploads')).filter((each) => each.startsWith(prefix));
    expect(stored.toSorted()).toEqual(files.map(({ key }) => key).toSorted());
  });

  it('adds files to an existing batch, and gives each new batch a unique id', async () => {
    const first = await sign([jpeg('a.jpg')]);
    const again = await sign([jpeg('b.jpg')], first.batch);
    expect(again.batch).toBe(first.batch);
    expect((await sign([jpeg('b.jpg')])).batch).not.toBe(first.batch);
  });

  it('signs at most 10,000 files in one call', async () => {
    const files = Array.from({ length: 10_000 }, (_, index) => jpeg(`folder/${index}.jpg`));
    expect((await sign(files)).files).toHaveLength(10_000);
    const alike = await sign(files.map(() => jpeg('a.jpg')));
    expect(new Set(alike.files.map(({ key }) => key)).size).toBe(10_000);
    const problem = await problemOf(await post('/uploads', { files: [...files, jpeg('one.jpg')] }));
    expect(problem.detail).toContain('at most 10000 files');
  });

  it('names every mistake with its location and a remedy', async () => {
    const answer = await post('/uploads', {
      batch: 'mine',
      files: [{ name: '../..', type: 'jpeg', size: 0 }, jpeg('a'.repeat(1025)), jpeg('b', MAX_BYTES + 1)],
      more: true,
    });
    const problem = await problemOf(answer);
    expect(problem).toMatchObject({ status: 400, code: 'request.invalid' });
    expect(problem.errors?.map(({ where }) => where).toSorted()).toEqual([
      '(the whole)',
      'batch',
      'files[0].name',
      'files[0].size',
      'files[0].type',
      'files[1].name',
      'files[2].size',
    ]);
    const tooLong = await problemOf(await post('/uploads', { files: [jpeg('é'.repeat(511))] }));
    expect(tooLong.detail).toMatch(/^files\[0\]\.name: the name is too long by \d+ bytes.*shorten it$/);
  });

  it('refuses invalid JSON and bodies above its limit', async () => {
    const headers = { 'content-type': 'application/json' };
    const broken = await request('/uploads', { method: 'POST', body: '{', headers });
    expect(await problemOf(broken)).toMatchObject({ status: 400, code: 'request.invalid' });
    const huge = await request('/uploads', { method: 'POST', body: ' '.repeat(4_000_001), headers });
    expect(await problemOf(huge)).toMatchObject({ status: 413, code: 'request.too_large' });
    for (const path of ['/uploads', '/multipart', '/multipart/1.x/parts', '/ops/redrives', '/ops/purges']) {
      const init = { method: 'POST', body: chunkedBody(4_500_000, 100_000), headers, duplex: 'half' };
      const chunked = await request(path, init as RequestInit);
      expect(await problemOf(chunked)).toMatchObject({ status: 413, code: 'request.too_large' });
    }
    const form = await request('/uploads', { method: 'POST', body: new URLSearchParams({ files: '1' }) });
    expect(await problemOf(form)).toMatchObject({ status: 415, code: 'request.invalid' });
  });
});

describe('multipart uploads', () => {
  const startedSchema = z.object({
    batch: z.string(),
    key: z.string(),
    uploadId: z.string(),
    partSize: z.int(),
    parts: z.int(),
  });
  async function begin(size: number) {
    const answer = await post('/multipart', { name: 'large/photo.jpg', type: 'image/jpeg', size });
    return startedSchema.parse(await answer.json());
  }
  async function urls({ uploadId, key }: { uploadId: string; key: string }, partNumbers: number[]) {
    const answer = await post(`/multipart/${uploadId}/parts`, { key, partNumbers });
    return z
      .object({ parts: z.array(z.object({ partNumber: z.int(), url: z.string() })) })
      .parse(await answer.json()).parts;
  }

  it('create one object, which is converted', async () => {
    // A JPEG may be followed by arbitrary bytes.
    const file = new Uint8Array(Buffer.concat([await photo(), Buffer.alloc(17_000_000)]));
    const started = await begin(file.byteLength);
    expect(started.parts).toBe(2);
    const parts = [];
    for (const { partNumber, url } of await urls(started, [1, 2])) {
      const offset = (partNumber - 1) * started.partSize;
      const answer = await fetch(url, {
        method: 'PUT',
        body: file.subarray(offset, offset + started.partSize),
      });
      expect(answer.status).toBe(200);
      parts.push({ partNumber, etag: answer.headers.get('etag') });
    }
    const { uploadId, key, batch } = started;
    const early = await post(`/multipart/${uploadId}/complete`, {
      key,
      parts: [{ partNumber: 1, etag: '"no"' }],
    });
    expect(await problemOf(early)).toMatchObject({ status: 409, code: 'upload.incomplete' });
    const completed = await post(`/multipart/${uploadId}/complete`, { key, parts: parts.toReversed() });
    expect(await completed.json()).toEqual({ key });
    const head = await pipeline.s3.send(new HeadObjectCommand({ Bucket: 'uploads', Key: key }));
    expect(head.ContentLength).toBe(file.byteLength);
    await eventually('it is converted', async () => {
      const counts: unknown = await (await request(`/batches/${batch}`)).json();
      return z.object({ converted: z.int() }).parse(counts).converted === 1;
    });
  });

  it('have exactly the declared parts and bytes', async () => {
    const started = await begin(20_000_000);
    const [first, last] = await urls(started, [1, 2]);
    const put = async (url: string | undefined, bytes: number) => {
      const answer = await fetch(url ?? '', { method: 'PUT', body: new Uint8Array(bytes) });
      return [answer.status, /<Code>(.*)<\/Code>/.exec(await answer.text())?.[1]];
    };
    const refused = [403, 'SignatureDoesNotMatch'];
    expect(await put(first?.url, started.partSize + 1)).toEqual(refused);
    expect(await put(last?.url, started.partSize)).toEqual(refused);
    expect(await put(last?.url, 1)).toEqual(refused);
    expect(await put(last?.url, 20_000_000 - started.partSize)).toEqual([200, undefined]);

    const { uploadId, key } = started;
    const more = await post(`/multipart/${uploadId}/parts`, { key, partNumbers: [3] });
    expect(await problemOf(more)).toMatchObject({ status: 400, code: 'request.invalid' });
    const forged = uploadId.replace(/^\d+/, String(MAX_BYTES + 1));
    const larger = await post(`/multipart/${forged}/parts`, { key, partNumbers: [1] });
    expect(await problemOf(larger)).toMatchObject({ status: 404, code: 'upload.unknown' });
  });

  it('are refused with an undeclared length', async () => {
    const [part] = await urls(await begin(17_000_000), [2]);
    const body = new ReadableStream({
      start: (controller) => {
        controller.enqueue(new Uint8Array(5_000_000));
        controller.close();
      },
    });
    const chunked = { method: 'PUT', body, duplex: 'half' } as RequestInit;
    expect((await fetch(part?.url ?? '', chunked)).status).toBe(403);
  });

  it('leave nothing behind when aborted', async () => {
    const { uploadId, key } = await begin(17_000_000);
    const path = `/multipart/${uploadId}?key=${encodeURIComponent(key)}`;
    expect((await request(path, { method: 'DELETE' })).status).toBe(204);
    const { Uploads = [] } = await pipeline.s3.send(new ListMultipartUploadsCommand({ Bucket: 'uploads' }));
    expect(Uploads.filter(({ Key }) => Key === key)).toEqual([]);
    expect(await problemOf(await request(path, { method: 'DELETE' }))).toMatchObject({
      status: 404,
      code: 'upload.unknown',
    });
  });

  it("write only under a batch's prefix", async () => {
    const { uploadId } = await begin(17_000_000);
    const answer = await post(`/multipart/${uploadId}/parts`, { key: 'somebody/else.jpg', partNumbers: [1] });
    expect(await problemOf(answer)).toMatchObject({ status: 400, code: 'request.invalid' });
  });
});

describe('results', () => {
  it('redirect to another origin, with their image type, for five minutes', async () => {
    const key = 'results/100% "é".png';
    await pipeline.s3.send(new PutObjectCommand({ Bucket: 'uploads', Key: key, Body: await photo() }));
    const path = key.split('/').map(encodeURIComponent).join('/');
    await eventually('it is converted', async () => {
      const status: unknown = await (await request(`/objects/${path}`)).json();
      return z.object({ status: z.string() }).parse(status).status === 'converted';
    });
    const answer = await request(`/results/${path}`);
    expect(answer.status).toBe(302);
    const url = new URL(answer.headers.get('location') ?? '');
    expect(url.origin).toBe(pipeline.awsUrl);
    expect(url.searchParams.get('X-Amz-Expires')).toBe('300');
    const image = await fetch(url);
    expect(image.status).toBe(200);
    expect(image.headers.get('content-type')).toBe('image/webp');
    expect(image.headers.get('content-disposition')).toBe(
      "inline; filename*=UTF-8''100%25%20%22%C3%A9%22.webp",
    );
    const download = await request(`/results/${path}?download=1`);
    const attachment = await fetch(download.headers.get('location') ?? '');
    expect(attachment.headers.get('content-disposition')).toMatch(/^attachment; /);
    await attachment.body?.cancel();
  });

  it('that do not exist do not redirect', async () => {
    await pipeline.s3.send(new PutObjectCommand({ Bucket: 'results', Key: 'foreign.html', Body: 'x' }));
    for (const key of ['foreign.html', 'nothing.jpg'])
      expect(await problemOf(await request(`/results/${key}`))).toMatchObject({
        status: 404,
        code: 'object.unknown',
      });
  });
});

describe('GET /objects/{key}', () => {
  it('says why and when an upload failed, and not where the worker logs', async () => {
    const params = { Bucket: 'uploads', Key: 'junk.jpg', Body: 'junk' };
    await pipeline.s3.send(new PutObjectCommand(params));
    const status = await eventually('the upload has failed', async () => {
      const answer: unknown = await (await request('/objects/junk.jpg')).json();
      return (answer as { status: string }).status === 'failed' ? answer : undefined;
    });
    expect(status).toEqual({
      status: 'failed',
      basis: 'objects',
      key: 'junk.jpg',
      code: 'image.unsupported_format',
      message: expect.stringMatching(/./),
      attempts: 1,
      at: expect.stringMatching(/^\d{4}-.*Z$/),
    });
  });

  it('accepts slashes encoded or not, and reports unknown keys', async () => {
    for (const path of ['/objects/a/b%20c.jpg', '/objects/a%2Fb%20c.jpg']) {
      const answer = await request(path);
      expect([answer.status, await answer.json()]).toEqual([
        404,
        { status: 'unknown', basis: 'objects', key: 'a/b c.jpg' },
      ]);
    }
    const bucket = await problemOf(await request('/objects/a?bucket=other'));
    expect(bucket.detail).toContain('bucket: expected an upload bucket: uploads');
    expect(await problemOf(await request(`/objects/${'a'.repeat(1025)}`))).toMatchObject({ status: 400 });
  });
});

describe('the description', () => {
  it('is valid OpenAPI 3.1', async () => {
    const document = (await (await request('/openapi.json')).json()) as Record<string, unknown>;
    const validator = new Validator();
    const { valid, errors } = await validator.validate(document);
    expect({ valid, errors }).toEqual({ valid: true, errors: undefined });
    expect(validator.version).toBe('3.1');
    // Shows that the validator can fail.
    expect((await new Validator().validate({ ...document, paths: { '/x': { get: 1 } } })).valid).toBe(false);
  });

  it('can generate a client that uploads a photo and reads its status', async () => {
    const definition = (await (await request('/openapi.json')).json()) as Document;
    const client = await new OpenAPIClientAxios({ definition, withServer: { url: pipeline.url } }).init();
    const file = await bytesOf(PHOTOS[0] ?? '');
    const { data } =
      (await client.createUploads?.({}, { files: [jpeg('generated/a b.jpg', file.byteLength)] })) ?? {};
    const signed = signedSchema.parse(data);
    const key = signed.files[0]?.key ?? '';
    await send(signed, key, file);
    const status = await eventually('the client reads that it is no longer pending', async () => {
      const answer = await client.getObject?.({ key });
      const parsed = z.looseObject({ status: z.string() }).parse(answer?.data);
      return parsed.status !== 'pending' && parsed;
    });
    expect(status).toMatchObject({ status: 'converted', key, results: [{ contentType: 'image/webp' }] });
  });
});

describe('the local server', () => {
  it('returns the deployment information that operations need', async () => {
    const deployment = localDeploymentSchema.parse(await (await request('/deployment')).json());
    expect(deployment).toMatchObject({ awsUrl: pipeline.awsUrl, apiUrl: pipeline.url, renditions: ['web'] });
  });

  it('refuses other host names of this machine, and pages of other origins', async () => {
    const { port } = new URL(pipeline.url);
    const { request: raw } = await import('node:http');
    const statusWith = (headers: Record<string, string>) =>
      new Promise<number | undefined>((resolve, reject) => {
        raw({ host: '127.0.0.1', port, path: '/batches/x', headers }, (answer) => {
          answer.resume();
          resolve(answer.statusCode);
        })
          .on('error', reject)
          .end();
      });
    expect(await statusWith({ host: `localhost:${port}` })).toBe(400);
    expect(await statusWith({ host: `[::1]:${port}`, origin: `http://127.0.0.1:${port}` })).toBe(400);
    expect(await statusWith({ host: `evil.example:${port}` })).toBe(403);
    expect(await statusWith({ host: '127.0.0.1:1' })).toBe(403);
    expect(await statusWith({ host: `localhost:${port}`, origin: 'https://evil.example' })).toBe(403);
    expect(await statusWith({ host: `localhost:${port}`, origin: 'null' })).toBe(403);
    // An image on another page sends no Origin, and links may be followed.
    const image = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' };
    expect(await statusWith({ host: `localhost:${port}`, ...image })).toBe(403);
    const link = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' };
    expect(await statusWith({ host: `localhost:${port}`, ...link })).not.toBe(403);
  });

  it('lets only pages of its own origins upload to S3', async () => {
    const preflight = (origin: string) =>
      fetch(`${pipeline.awsUrl}/uploads`, {
        method: 'OPTIONS',
        headers: { origin, 'access-control-request-method': 'POST' },
      });
    expect((await preflight(pipeline.url)).headers.get('access-control-allow-origin')).toBe(pipeline.url);
    expect((await preflight('https://evil.example')).status).toBe(403);
  });
});

describe('the pages', () => {
  it('name the formats that are converted', async () => {
    const page = await (await request('/')).text();
    expect(page).toContain('JPEG, PNG, WebP, AVIF, HEIC, GIF, TIFF, BMP, ICO and PDF, thousands at a time');
  });

  it('run only their own scripts and styles, and cannot be framed', async () => {
    const { headers } = await request('/');
    const policy = headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self';");
    expect(policy).toContain("style-src 'self';");
    expect(policy).toContain(`img-src 'self' ${pipeline.awsUrl};`);
    expect(policy).toContain("frame-ancestors 'none'");
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
  });

  it('serve only their own files', async () => {
    for (const path of ['/assets/upload/main.ts', '/assets/__proto__', '/assets/../app.ts'])
      expect((await request(path)).status).toBe(404);
  });
});
