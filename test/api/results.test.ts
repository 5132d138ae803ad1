import { beforeEach, describe, expect, it } from 'vitest';
import { writeResultMetadata, type ResultMetadata } from '../../src/core/result-metadata.ts';
import { apiInProcess } from './in-process.ts';

let api: ReturnType<typeof apiInProcess>;
beforeEach(() => {
  api = apiInProcess();
});

function store(key: string, contentType: string | undefined, about: Partial<ResultMetadata> = {}): void {
  const metadata = writeResultMetadata({
    sourceEtag: 'e',
    recipe: 'r',
    generation: 1,
    stamp: 's',
    rendition: 'large',
    width: 1,
    height: 1,
    ...about,
  });
  api
    .inBucket('results')
    .set(key, { at: 0, etag: '"r"', metadata, ...(contentType === undefined ? {} : { contentType }) });
}

/** Returns where a result's link leads. */
async function linkTo(path: string) {
  const answer = await api.request(path);
  expect(answer.status).toBe(302);
  const url = new URL(answer.headers.get('location') ?? '');
  return {
    path: url.pathname,
    type: url.searchParams.get('response-content-type'),
    disposition: url.searchParams.get('response-content-disposition'),
    seconds: url.searchParams.get('X-Amz-Expires'),
    cached: answer.headers.get('cache-control'),
  };
}

describe('the link of a result', () => {
  it('shows an image for five minutes, and is not cached for longer', async () => {
    store('large/a b.jpg', 'image/webp');
    expect(await linkTo('/results/large/a%20b.jpg')).toEqual({
      path: '/large/a%20b.jpg',
      type: 'image/webp',
      disposition: "inline; filename*=UTF-8''a%20b.webp",
      seconds: '300',
      cached: 'private, max-age=240',
    });
  });

  it.each(['image/jpeg', 'image/png', 'image/webp', 'image/avif', 'image/gif', 'image/tiff'])(
    'shows %s, in which a browser runs nothing',
    async (type) => {
      store('a', type);
      expect(await linkTo('/results/a')).toMatchObject({
        type,
        disposition: expect.stringMatching(/^inline;/),
      });
    },
  );

  it.each(['image/svg+xml', 'text/html', 'application/pdf', '', undefined])(
    'saves %s as plain bytes, because a browser would run it',
    async (type) => {
      store('a.html', type);
      expect(await linkTo('/results/a.html')).toMatchObject({
        type: 'application/octet-stream',
        disposition: expect.stringMatching(/^attachment;/),
      });
    },
  );

  it('leads to a key with line breaks', async () => {
    store('a\nb\r\nc', 'image/png');
    expect((await linkTo('/results/a%0Ab%0D%0Ac')).path).toBe('/a%0Ab%0D%0Ac');
  });

  it('saves an image if it is asked to', async () => {
    store('a.jpg', 'image/webp');
    expect(await linkTo('/results/a.jpg?download=1')).toMatchObject({
      type: 'image/webp',
      disposition: "attachment; filename*=UTF-8''a.webp",
    });
    expect((await api.request('/results/a.jpg?download=2')).status).toBe(400);
  });

  it.each([
    ['a.csv', 'application/json', { extension: 'json' }, 'a.json'],
    ['d.e/a', 'image/avif', {}, 'a.avif'],
    ['a.b.c', 'text/plain', {}, 'a.b.c'],
    ['a.b.c', 'image/webp', {}, 'a.b.webp'],
    ["it's (1)*.jpg", 'image/png', {}, 'it%27s%20%281%29%2A.png'],
    ['.hidden', 'image/png', {}, '.png'],
  ])('of %s has the file name of the upload with its own extension', async (key, type, about, name) => {
    store(key, type, about);
    const { disposition } = await linkTo(`/results/${encodeURIComponent(key)}`);
    expect(disposition?.split("UTF-8''")[1]).toBe(name);
  });

  it('does not exist for what is not a result', async () => {
    api.inBucket('results').set('theirs.jpg', { at: 0, etag: '"t"', contentType: 'image/jpeg' });
    for (const key of ['theirs.jpg', 'none.jpg']) {
      const answer = await api.request(`/results/${key}`);
      expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([
        404,
        'object.unknown',
      ]);
    }
    expect((await api.request(`/results/${'k'.repeat(1025)}`)).status).toBe(400);
  });
});
