import type { GetObjectCommand } from '@aws-sdk/client-s3';
import { beforeEach, describe, expect, it } from 'vitest';
import { previewPath } from '../../src/api/routes/operations/preview.ts';
import { apiInProcess } from './in-process.ts';

let api: ReturnType<typeof apiInProcess>;
beforeEach(() => {
  api = apiInProcess();
});

const preview = (key: string, bucket = 'uploads') => api.request(previewPath({ bucket, key }));

async function linkTo(body: string) {
  api.inBucket('uploads').set('a b&c.png', { at: 0, etag: '"e"', body });
  const answer = await preview('a b&c.png');
  const url = new URL(answer.headers.get('location') ?? '');
  expect(answer.headers.get('cache-control')).toBe('no-store');
  expect([url.pathname, url.searchParams.get('X-Amz-Expires')]).toEqual(['/a%20b%26c.png', '300']);
  return [
    url.searchParams.get('response-content-type'),
    url.searchParams.get('response-content-disposition'),
  ];
}

describe('the preview of an upload', () => {
  it.each([
    ['image/jpeg', '\xff\xd8\xff\xe0'],
    ['image/gif', 'GIF89a'],
    ['image/webp', 'RIFF\x04\0\0\0WEBPVP8 '],
  ])('shows %s, which only its content shows', async (type, body) => {
    expect(await linkTo(body)).toEqual([type, 'inline']);
  });

  it.each([
    ['a page', '<html><script>alert(1)</script>'],
    ['a drawing', '<svg xmlns="http://www.w3.org/2000/svg"/>'],
    ['a document', '%PDF-1.7'],
    ['a file that ends too early to tell', '\x89PNG\r\n\x1a\n'],
    ['nothing', ''],
  ])('saves %s as plain bytes', async (_, body) => {
    expect(await linkTo(body)).toEqual(['application/octet-stream', 'attachment']);
  });

  it('reads only the beginning of the upload, however large it is', async () => {
    api.inBucket('uploads').set('a.png', { at: 0, etag: '"e"', body: 'GIF89a' });
    const { send } = api.s3;
    const ranges: unknown[] = [];
    api.s3.send = (async (command: GetObjectCommand) => {
      ranges.push(command.input.Range);
      return send(command);
    }) as typeof send;
    expect((await preview('a.png')).status).toBe(302);
    expect(ranges).toEqual([expect.stringMatching(/^bytes=0-\d{1,4}$/)]);
  });

  it('does not exist if the upload was deleted, or is in no upload bucket', async () => {
    const answer = await preview('none.png');
    expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([
      404,
      'object.unknown',
    ]);
    expect((await preview('secret.json', 'failures')).status).toBe(400);
  });

  it.each([
    ['InvalidRange', 302],
    ['AccessDenied', 502],
  ])('of an upload that S3 refuses with %s has the status %i', async (name, status) => {
    const { send } = api.s3;
    api.s3.send = (() =>
      Promise.reject(Object.assign(new Error(name), { name, $fault: 'client' }))) as typeof send;
    expect((await preview('a.png')).status).toBe(status);
  });
});
