import { beforeEach, describe, expect, it } from 'vitest';
import { apiInProcess } from './in-process.ts';

let api: ReturnType<typeof apiInProcess>;
beforeEach(() => {
  api = apiInProcess();
});

async function statusOf(path: string): Promise<unknown[]> {
  const answer = await api.request(`/objects/${path}`);
  return [answer.status, await answer.json()];
}

describe('the status of an upload', () => {
  it.each(['holiday/a b.jpg', 'holiday%2Fa%20b.jpg'])(
    'is under its key, whose slashes may be encoded or not: %s',
    async (path) => {
      const key = 'holiday/a b.jpg';
      api.inBucket('uploads').set(key, { at: 0, etag: '"e"' });
      expect(await statusOf(path)).toEqual([200, { basis: 'objects', status: 'pending', key }]);
    },
  );

  it('is found under a key with line breaks', async () => {
    const key = 'a\nb\r\nc';
    api.inBucket('uploads').set(key, { at: 0, etag: '"e"' });
    expect(await statusOf('a%0Ab%0D%0Ac')).toMatchObject([200, { status: 'pending', key }]);
  });

  it('is that of the upload in the first bucket, unless another one is named', async () => {
    api.inBucket('scans').set('a', { at: 0, etag: '"e"' });
    expect(await statusOf('a')).toEqual([404, { basis: 'objects', status: 'unknown', key: 'a' }]);
    expect(await statusOf('a?bucket=scans')).toMatchObject([200, { status: 'pending' }]);
  });

  it('is refused for other buckets, with the names of the upload buckets, and for keys that S3 does not have', async () => {
    api.inBucket('failures').set('a', { at: 0, etag: '"e"' });
    const detail = expect.stringContaining('uploads, scans');
    expect(await statusOf('a?bucket=failures')).toMatchObject([400, { code: 'request.invalid', detail }]);
    expect(await statusOf('k'.repeat(1025))).toMatchObject([400, { code: 'request.invalid' }]);
  });
});
