import type { S3Client } from '@aws-sdk/client-s3';
import { beforeEach, describe, expect, it } from 'vitest';
import { resultLocations } from '../../src/core/result-locations.ts';
import type { Namespace } from '../../src/core/result-keys.ts';
import { listByKey, locationUnder, type KeyRange, type ListingLocation } from '../../src/ops/list-by-key.ts';
import { byUtf8, fakeS3 } from '../support/fake-s3.ts';
import { cases, fc } from '../support/fuzz.ts';

const uploadBuckets = ['uploads'];
const NAMESPACES: Namespace[] = [
  { uploadBuckets, renditions: ['web'], extensions: { web: 'webp' } },
  {
    uploadBuckets,
    renditions: ['web'],
    extensions: { web: 'b' },
    rules: [{ keys: ['*.b', '*a'], renditions: ['other'], extensions: { other: '0' } }],
  },
  {
    uploadBuckets,
    renditions: ['large', 'small'],
    extensions: { large: 'webp', small: 'jpg' },
    rules: [{ keys: ['*-b'], renditions: ['large'], extensions: { large: 'b' } }],
  },
];

const placesOf = (namespace: Namespace) =>
  resultLocations('uploads', namespace).map((place): ListingLocation => ({ bucket: 'results', ...place }));

async function collect(s3: S3Client, place: ListingLocation, range: KeyRange, mostWaiting?: number) {
  const listing = await listByKey(s3, place, range, mostWaiting);
  const found: [string, string][] = [];
  for (let { key } = listing; key !== undefined; { key } = listing) {
    found.push([key, listing.listed?.key ?? '']);
    await listing.next();
  }
  return found;
}

/** Chains of prefixes: each key continues another with a character before, at or after the dot. */
const part = fc.constantFrom('a', 'b', '-', '-b', '.', '.b', '.webp', ' ', '/', 'é', '0');
const key = fc.array(part, { minLength: 1, maxLength: 6 }).map((parts) => parts.join(''));
const keys = fc.uniqueArray(key, { minLength: 1, maxLength: 30 });

describe('a listing in key order', () => {
  let { s3, inBucket, requests } = fakeS3(1000);
  beforeEach(() => {
    ({ s3, inBucket, requests } = fakeS3(1000));
  });
  const put = (name: string) => inBucket('results').set(name, { at: 0, etag: '"e"' });

  it('equals a sort of all names, for any prefix, first key and page size, and any limit of waiting results', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...NAMESPACES),
        keys,
        fc.integer({ min: 1, max: 5 }),
        fc.constantFrom('', '', 'a', 'a-', 'a.', 'a.w'),
        fc.option(key, { nil: undefined }),
        fc.constantFrom(1, 2, 4, 1000),
        async (namespace, some, pageSize, prefix, after, mostWaiting) => {
          const fake = fakeS3(pageSize);
          for (const place of placesOf(namespace)) {
            for (const each of some) {
              const name = place.nameOf(each);
              if (name !== undefined) fake.inBucket('results').set(name, { at: 0, etag: '"e"' });
              // Names that no result can have are left out.
              fake.inBucket('results').set(`${place.prefix}${each}.stray`, { at: 0, etag: '"e"' });
            }
            const wanted = some
              .filter((each) => each.startsWith(prefix) && (after === undefined || byUtf8(each, after) > 0))
              .toSorted(byUtf8)
              .flatMap((each) => {
                const name = place.nameOf(each);
                return name === undefined ? [] : [[each, name]];
              });
            expect(await collect(fake.s3, place, { prefix, after }, mostWaiting)).toEqual(wanted);
          }
        },
      ),
      { numRuns: cases(2000) },
    );
  });

  const [place] = placesOf(NAMESPACES[0] ?? { uploadBuckets, renditions: [] });
  if (place === undefined) throw new Error('there is no place');

  it('requests only pages if few results wait', async () => {
    for (const each of ['a', 'a-1', 'a-2', 'a.b', 'b', 'b (2)']) put(`${each}.webp`);
    expect((await collect(s3, place, { prefix: '' })).map(([each]) => each)).toEqual([
      'a',
      'a-1',
      'a-2',
      'a.b',
      'b',
      'b (2)',
    ]);
    expect(requests).toEqual(['list']);
  });

  it('requests once the result that thousands would wait for', async () => {
    const series = Array.from({ length: 5000 }, (_, index) => `photo-${String(index).padStart(4, '0')}.jpg`);
    for (const each of series) put(`${each}.webp`);
    expect((await collect(s3, place, { prefix: '' })).map(([each]) => each)).toEqual(series);
    expect(requests.filter((each) => each === 'head')).toHaveLength(1);
    put('photo.webp');
    const found = await collect(s3, place, { prefix: '' });
    expect(found.map(([each]) => each)).toEqual(['photo', ...series]);
    expect(requests.filter((each) => each === 'head')).toHaveLength(2);
  });

  it('describes a result that it requested like those that it listed', async () => {
    const stored = { at: 5000, etag: '"photo"', bytes: 9 };
    inBucket('results').set('photo.webp', stored);
    inBucket('results').set('photo-1.webp', { ...stored, etag: '"1"', bytes: 0 });
    const listing = await listByKey(s3, place, { prefix: '' }, 1);
    expect(requests).toContain('head');
    expect(listing.listed).toEqual({ key: 'photo.webp', ...stored });
    await listing.next();
    expect(listing.listed).toEqual({ key: 'photo-1.webp', ...stored, etag: '"1"', bytes: 0 });
  });
});

describe('the location of objects under a prefix', () => {
  it('names them by the prefix and the key', () => {
    const location = locationUnder('results', 'web/');
    expect(location.nameOf('a/web/b')).toBe('web/a/web/b');
    expect(location.keyOf('web/a/web/b')).toBe('a/web/b');
    expect(location.keyOf('large/web/')).toBeUndefined();
  });
});
