import { describe, expect, it } from 'vitest';
import { listOutsidePrefixes } from '../../../src/ops/orphans/list-outside-prefixes.ts';
import { fakeS3 } from '../../support/fake-s3.ts';

/** Lists a bucket with these keys, in pages of two. */
async function outside(prefixes: readonly string[], keys: readonly string[]) {
  const { s3, inBucket, requests } = fakeS3(2);
  for (const key of keys) inBucket('results').set(key, { at: 0, etag: '"e"' });
  const found: string[] = [];
  for await (const { key } of listOutsidePrefixes(s3, 'results', prefixes)) found.push(key);
  return { found, requests: requests.length };
}

describe('the objects outside of some prefixes', () => {
  it('are all that begin with none of them', async () => {
    const keys = ['0', 'Z', 'large/a', 'large/b', 'largest', 'mid', 'thumb', 'thumb/a', 'zebra'];
    expect((await outside(['large/', 'thumb/', 'none/'], keys)).found).toEqual([
      '0',
      'Z',
      'largest',
      'mid',
      'thumb',
      'zebra',
    ]);
  });

  it('are found without listing the objects inside', async () => {
    const inside = Array.from({ length: 100 }, (_, index) => `large/${index}`);
    const { found, requests } = await outside(['large/'], ['a', ...inside, 'zebra']);
    expect(found).toEqual(['a', 'zebra']);
    expect(requests).toBeLessThan(6);
  });

  it('are listed to the end if a key inside sorts after the end of its prefix', async () => {
    const keys = ['large/a', 'large/\u{10ffff}', 'large/\u{10ffff}\u{10ffff}', 'zebra'];
    expect((await outside(['large/'], keys)).found).toEqual(['zebra']);
  });

  it('do not exist, and need no request, if every key has the prefix', async () => {
    expect(await outside(['', 'large/'], ['a', 'large/b'])).toEqual({ found: [], requests: 0 });
  });
});
