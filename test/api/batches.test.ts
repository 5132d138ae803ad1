import { GetObjectCommand } from '@aws-sdk/client-s3';
import { beforeEach, describe, expect, it } from 'vitest';
import { writeResultMetadata } from '../../src/core/result-metadata.ts';
import { apiInProcess } from './in-process.ts';

const BATCH = `20260101-${'0'.repeat(32)}`;
const PREFIX = `batches/${BATCH}/`;
const UPLOADED = Math.floor(Date.now() / 1000) * 1000 - 86_400_000;

let api: ReturnType<typeof apiInProcess>;
beforeEach(() => {
  api = apiInProcess();
});

const upload = (name: string, bucket = 'uploads') =>
  api.inBucket(bucket).set(PREFIX + name, { at: UPLOADED, etag: '"e"', bytes: 5 });

function convert(name: string): void {
  for (const [index, rendition] of ['large', 'thumb'].entries()) {
    const metadata = writeResultMetadata({
      sourceEtag: 'e',
      recipe: 'r',
      generation: 1,
      stamp: 's',
      rendition,
      width: 1,
      height: 1,
    });
    const stored = { at: UPLOADED + 60_000, etag: '"r"', metadata, bytes: 10 + index };
    api.inBucket('results').set(`${rendition}/uploads/${PREFIX}${name}`, stored);
  }
}

function fail(name: string): void {
  const report = {
    version: 1,
    status: 'failed',
    code: 'image.corrupt',
    message: 'why',
    bucket: 'uploads',
    key: PREFIX + name,
    source: { etag: '"e"', lastModified: new Date(UPLOADED).toISOString() },
    recipe: 'r',
    attempt: 3,
    at: new Date(UPLOADED).toISOString(),
    messageId: '',
    requestId: '',
    logGroup: '',
    logStream: '',
  };
  const stored = { at: UPLOADED + 60_000, etag: '"f"', body: JSON.stringify(report) };
  api.inBucket('failures').set(`uploads/${PREFIX}${name}`, stored);
}

const json = async (path: string) => (await api.request(path)).json() as Promise<Record<string, unknown>>;

/** Lists a batch. Returns the names, and the key of the last one if there are more. */
async function page(query: string) {
  const { objects, next } = (await json(`/batches/${BATCH}/objects${query}`)) as {
    objects: { name: string }[];
    next?: string;
  };
  return { names: objects.map(({ name }) => name), next };
}

describe('a batch', () => {
  it('counts its uploads by their state, without those of other batches and buckets', async () => {
    for (const name of ['a', 'b', 'c', 'd', 'folder/']) upload(name);
    api.inBucket('uploads').set(`${PREFIX}folder/`, { at: UPLOADED, etag: '"e"', bytes: 0 });
    upload('other', 'scans');
    api.inBucket('uploads').set(`batches/20260101-${'1'.repeat(32)}/x`, { at: 0, etag: '"e"' });
    convert('b');
    fail('c');
    expect(await json(`/batches/${BATCH}`)).toEqual({
      batch: BATCH,
      basis: 'listings',
      uploaded: 5,
      converted: 1,
      failed: 1,
      pending: 2,
      ignored: 1,
      truncated: false,
    });
  });

  it('lists its objects with their results and reasons', async () => {
    for (const name of ['a', 'd/b', 'c']) upload(name);
    convert('d/b');
    fail('c');
    const about = (name: string) => ({
      key: PREFIX + name,
      name,
      bytes: 5,
      uploadedAt: new Date(UPLOADED).toISOString(),
    });
    const result = (rendition: string, bytes: number) => ({
      rendition,
      key: `${rendition}/uploads/${PREFIX}d/b`,
      bytes,
    });
    expect(await json(`/batches/${BATCH}/objects`)).toEqual({
      basis: 'listings',
      objects: [
        { ...about('a'), state: 'pending' },
        { ...about('c'), state: 'failed', reason: { code: 'image.corrupt', message: 'why', attempts: 3 } },
        { ...about('d/b'), state: 'converted', results: [result('large', 10), result('thumb', 11)] },
      ],
    });
    // Only failures have reports to read.
    expect(api.requests.filter((name) => name === 'get')).toHaveLength(1);
  });

  it('lists a failed object without a reason if its report has just been deleted', async () => {
    upload('a');
    fail('a');
    const { send } = api.s3;
    api.s3.send = (async (command: unknown) => {
      if (command instanceof GetObjectCommand) api.inBucket('failures').clear();
      return send(command as GetObjectCommand);
    }) as typeof send;
    const { objects } = await json(`/batches/${BATCH}/objects`);
    expect(objects).toMatchObject([{ name: 'a', state: 'failed' }]);
    expect(objects).not.toMatchObject([{ reason: expect.anything() }]);
  });

  it('with very many uploads is counted and searched in part, and says so', async () => {
    api = apiInProcess({}, 60_000);
    const name = (number: number) => `${number}`.padStart(5, '0');
    for (let number = 1; number <= 50_000; number += 1) upload(name(number));
    expect(await json(`/batches/${BATCH}`)).toMatchObject({ uploaded: 50_000, truncated: false });
    expect(await page('?state=failed')).toEqual({ names: [], next: undefined });
    upload(name(50_001));
    expect(await json(`/batches/${BATCH}`)).toMatchObject({ uploaded: 50_000, truncated: true });
    expect(await page('?state=failed')).toEqual({ names: [], next: PREFIX + name(50_000) });
  });

  it('is listed page by page, without gaps', async () => {
    for (const name of ['a', 'b', 'c', 'd']) upload(name);
    for (const name of ['a', 'c']) upload(name, 'scans');
    expect(await page('?limit=2')).toEqual({ names: ['a', 'b'], next: `${PREFIX}b` });
    expect(await page(`?limit=2&after=${PREFIX}b`)).toEqual({ names: ['c', 'd'], next: undefined });
    expect(await page('?limit=4')).toEqual({ names: ['a', 'b', 'c', 'd'], next: undefined });
  });

  it('is listed by state', async () => {
    for (const name of ['a', 'b', 'c', 'd']) upload(name);
    for (const name of ['b', 'd']) convert(name);
    expect(await page('?state=converted')).toEqual({ names: ['b', 'd'], next: undefined });
    // The next page begins after the last object that was looked at, whatever its state.
    expect(await page('?state=converted&limit=1')).toEqual({ names: ['b'], next: `${PREFIX}b` });
    expect(await page('?state=pending&limit=2')).toEqual({ names: ['a', 'c'], next: `${PREFIX}c` });
  });

  it('whose storage fails is a problem of the storage', async () => {
    const failing = apiInProcess({
      s3: {
        send: () => Promise.reject(Object.assign(new Error('slow'), { name: 'SlowDown', $fault: 'server' })),
      } as never,
    });
    const answer = await failing.request(`/batches/${BATCH}`);
    expect(answer.status).toBe(502);
    expect(await answer.json()).toMatchObject({ code: 'storage.unavailable', detail: 'SlowDown; try again' });
    expect(failing.errors).toEqual([]);
  });

  it('whose request fails for another reason is an internal error, which is logged and not shown', async () => {
    const secret = new Error('secret');
    const failing = apiInProcess({ s3: { send: () => Promise.reject(secret) } as never });
    const answer = await failing.request(`/batches/${BATCH}`);
    expect(answer.status).toBe(500);
    expect(await answer.text()).not.toContain('secret');
    expect(failing.errors).toEqual([secret]);
  });
});
