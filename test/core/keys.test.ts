import { fc } from '../support/fuzz.ts';
import { describe, expect, it } from 'vitest';
import { failureKey, isTooLong, resultKey, resultKeys } from '../../src/core/keys.ts';
import { parseRecipe, renditionNames } from '../../src/core/recipe.ts';
import {
  ARCHIVE_PREFIX,
  RESERVED_PREFIX,
  PROGRESS_PREFIX,
  REDRIVES_PREFIX,
} from '../../src/core/reserved-prefixes.ts';

const uploads = { bucket: 'uploads', key: 'a/b.jpg' };

describe('the result key', () => {
  it('is the upload key where there is one bucket and one rendition', () => {
    expect(resultKey(uploads, 'web', { uploadBuckets: ['uploads'], renditions: ['web'] })).toBe('a/b.jpg');
  });

  it('begins with the rendition where there are several', () => {
    const namespace = { uploadBuckets: ['uploads'], renditions: ['web', 'thumb'] };
    expect(resultKey(uploads, 'thumb', namespace)).toBe('thumb/a/b.jpg');
  });

  it('names the bucket where there are several', () => {
    const namespace = {
      uploadBuckets: ['uploads', 'scans'],
      renditions: ['web', 'thumb'],
    };
    expect(resultKey(uploads, 'web', namespace)).toBe('web/uploads/a/b.jpg');
    expect(failureKey(uploads, namespace)).toBe('uploads/a/b.jpg');
  });

  it('is there once for each rendition, whether it is named or described', () => {
    const uploadBuckets = ['uploads'];
    const keys = ['web/a/b.jpg', 'thumb/a/b.jpg'];
    expect(resultKeys(uploads, { uploadBuckets, renditions: ['web', 'thumb'] })).toEqual(keys);
    const renditions = renditionNames(parseRecipe('{"renditions":[{"name":"web"},{"name":"thumb"}]}'));
    expect(resultKeys(uploads, { uploadBuckets, renditions })).toEqual(keys);
  });

  it('is never shared by two renditions or two objects', () => {
    const name = fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,6}$/);
    const names = fc.uniqueArray(name, { minLength: 1, maxLength: 3 });
    // Keys that look like prefixes are what could collide.
    const key = fc
      .array(fc.constantFrom('/', 'web', 'uploads', 'a', '', 'thumb'), { minLength: 1, maxLength: 5 })
      .map((parts) => parts.join('/'));
    fc.assert(
      fc.property(
        names,
        names,
        fc.uniqueArray(key, { minLength: 1, maxLength: 5 }),
        (buckets, renditions, keys) => {
          const namespace = {
            uploadBuckets: buckets,
            renditions,
          };
          const all = buckets.flatMap((bucket) =>
            keys.flatMap((each) =>
              renditions.map((rendition) => resultKey({ bucket, key: each }, rendition, namespace)),
            ),
          );
          expect(new Set(all).size).toBe(buckets.length * keys.length * renditions.length);
        },
      ),
    );
  });
});

describe('a key that S3 would refuse', () => {
  it('has more than 1,024 bytes, however few characters', () => {
    expect(isTooLong('x'.repeat(1024))).toBe(false);
    expect(isTooLong('x'.repeat(1025))).toBe(true);
    expect(isTooLong('é'.repeat(512))).toBe(false);
    expect(isTooLong(`${'é'.repeat(512)}x`)).toBe(true);
  });
});

describe('what the project keeps for itself in the failure bucket', () => {
  it('lies where the lifecycle rules of deployed buckets expect it', () => {
    expect({ RESERVED_PREFIX, REDRIVES_PREFIX, PROGRESS_PREFIX, ARCHIVE_PREFIX }).toEqual({
      RESERVED_PREFIX: '.millrace/',
      REDRIVES_PREFIX: '.millrace/redrives/',
      PROGRESS_PREFIX: '.millrace/progress/',
      ARCHIVE_PREFIX: '.millrace/archive/',
    });
  });
});
