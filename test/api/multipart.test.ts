import { NoSuchUpload, S3ServiceException } from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { PART_BYTES } from '../../src/api/declared-size.ts';
import { apiInProcess } from './in-process.ts';

const BATCH = `20260101-${'0'.repeat(32)}`;
const KEY = `batches/${BATCH}/a.tiff`;
const refusal = (name: string) =>
  new S3ServiceException({ name, $fault: 'client', $metadata: {}, message: 'as S3 says' });

/** The API on an S3 that answers each request the same way. */
function apiOn(answer: () => object) {
  const api = apiInProcess();
  api.s3.send = (async () => answer()) as typeof api.s3.send;
  return api;
}

describe('an upload in parts', () => {
  it('has a URL for each part, which is signed for its length and a quarter of an hour', async () => {
    const { post } = apiOn(() => ({}));
    const size = PART_BYTES + 5;
    const answer = await post(`/multipart/${size}.id/parts`, { key: KEY, partNumbers: [2, 1] });
    const { parts } = (await answer.json()) as { parts: { partNumber: number; url: string }[] };
    expect(parts.map(({ partNumber }) => partNumber)).toEqual([2, 1]);
    for (const { partNumber, url } of parts) {
      const { pathname, searchParams } = new URL(url);
      expect(pathname).toBe(`/${KEY}`);
      expect(Object.fromEntries(searchParams)).toMatchObject({
        partNumber: `${partNumber}`,
        uploadId: 'id',
        'X-Amz-Expires': '900',
        'X-Amz-SignedHeaders': 'content-length;host',
      });
    }
  });

  it('is refused before it begins if a key of its results would be too long', async () => {
    let begun = 0;
    const { post } = apiOn(() => ({ UploadId: `id ${(begun += 1)}` }));
    const longest = 1024 - `large/uploads/batches/${BATCH}/`.length;
    const begin = (length: number) => post('/multipart', { batch: BATCH, name: 'n'.repeat(length), size: 1 });
    expect(await (await begin(longest + 1)).json()).toMatchObject({
      status: 400,
      errors: [{ where: 'name' }],
    });
    expect(begun).toBe(0);
    expect((await begin(longest)).status).toBe(200);
  });

  it.each([
    [new NoSuchUpload({ $metadata: {}, message: '' }), 404, 'upload.unknown'],
    [refusal('InvalidPart'), 409, 'upload.incomplete'],
    [refusal('InvalidPartOrder'), 409, 'upload.incomplete'],
    [refusal('EntityTooSmall'), 409, 'upload.incomplete'],
    [refusal('AccessDenied'), 502, 'storage.unavailable'],
    [new TypeError('InvalidPart'), 500, 'internal.unexpected'],
  ])('is not completed if S3 responds with %s: status %i, %s', async (error, status, code) => {
    const { post } = apiOn(() => {
      throw error;
    });
    const parts = [{ partNumber: 1, etag: '"e"' }];
    const answer = await post('/multipart/5.id/complete', { key: KEY, parts });
    expect([answer.status, await answer.json()]).toMatchObject([status, { code }]);
  });
});
