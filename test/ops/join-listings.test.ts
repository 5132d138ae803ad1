import { describe, expect, it } from 'vitest';
import { mergeJoins, openJoin, type JoinedKey } from '../../src/ops/join-listings.ts';
import { locationUnder } from '../../src/ops/list-by-key.ts';
import { byUtf8, fakeS3 } from '../support/fake-s3.ts';
import { cases, fc } from '../support/fuzz.ts';

const LEADING = ['results', 'failures'];
const FOLLOWING = ['uploads', 'scans'];
const keys = fc.uniqueArray(fc.constantFrom('a', 'a b', 'b', 'b/c', 'é', '😀', '\uffee', 'z+', '%41'), {
  maxLength: 9,
});

describe('a join of listings', () => {
  it('has each key of a leading listing once, in order, with the objects of all listings', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(keys, { minLength: 4, maxLength: 4 }),
        fc.integer({ min: 1, max: 4 }),
        async (contents, pageSize) => {
          const { s3, inBucket } = fakeS3(pageSize);
          const buckets = [...LEADING, ...FOLLOWING];
          for (const [index, bucket] of buckets.entries())
            for (const key of contents[index] ?? [])
              inBucket(bucket).set(`p/${key}`, { at: index, etag: '"e"' });
          const join = await openJoin(s3, {
            leading: LEADING.map((bucket) => locationUnder(bucket, 'p/')),
            following: FOLLOWING.map((bucket) => locationUnder(bucket, 'p/')),
            prefix: '',
          });
          const joined: [string, (number | undefined)[]][] = [];
          while (join.key !== undefined) {
            const { key: expected } = join;
            const { key, found } = await join.take();
            expect(key).toBe(expected);
            joined.push([key, found.map((each) => each?.at)]);
          }
          const leading = new Set(contents.slice(0, LEADING.length).flat());
          expect(joined).toEqual(
            [...leading]
              .toSorted(byUtf8)
              .map((key) => [key, contents.map((some, index) => (some.includes(key) ? index : undefined))]),
          );
          expect(() => join.take()).toThrow('no key left');
        },
      ),
      { numRuns: cases(500) },
    );
  });

  it('waits for S3 only at the end of a page', async () => {
    const { s3, inBucket } = fakeS3(3);
    for (const bucket of ['results', 'uploads'])
      for (const key of ['a', 'b', 'c', 'd']) inBucket(bucket).set(key, { at: 0, etag: '"e"' });
    const join = await openJoin(s3, {
      leading: [locationUnder('results')],
      following: [locationUnder('uploads')],
      prefix: '',
    });
    const waited: boolean[] = [];
    while (join.key !== undefined) {
      const taken = join.take();
      waited.push(taken instanceof Promise);
      await taken;
    }
    expect(waited).toEqual([false, false, true, true]);
  });
});

describe('merged joins', () => {
  /** A join of these keys. */
  function joinOf(some: readonly string[]) {
    let index = 0;
    return {
      get key() {
        return some[index];
      },
      take(): JoinedKey {
        index += 1;
        return { key: some[index - 1] ?? '', found: [] };
      },
    };
  }
  const numbers = (count: number, bucket: string) =>
    Array.from({ length: count }, (_, index) => `${String(index).padStart(5, '0')}${bucket}`);

  it('come in the order of the keys, with the index of the bucket, in chunks of 500', async () => {
    const all = [numbers(800, 'b'), numbers(300, 'a')];
    const chunks: [string, number][][] = [];
    const open = () => Promise.resolve(all.map(joinOf));
    for await (const chunk of mergeJoins(open, ({ key }, index): [string, number][] => [[key, index]]))
      chunks.push(chunk);
    expect(chunks.map(({ length }) => length)).toEqual([500, 500, 100]);
    const expected = all.flatMap((some, index) => some.map((key): [string, number] => [key, index]));
    expect(chunks.flat()).toEqual(expected.toSorted(([a], [b]) => byUtf8(a, b)));
  });

  it('come bucket by bucket if several have the same key', async () => {
    const open = () => Promise.resolve([joinOf(['k', 'l']), joinOf(['k'])]);
    const found: string[] = [];
    for await (const chunk of mergeJoins(open, ({ key }, index) => [`${key}${index}`])) found.push(...chunk);
    expect(found).toEqual(['k0', 'k1', 'l0']);
  });
});
