import { fc } from '../support/fuzz.ts';
import { describe, expect, it } from 'vitest';
import { failureKey } from '../../src/core/keys.ts';
import {
  possibleResultKeys,
  renditionsOf,
  resultKey,
  resultKeys,
  type Namespace,
} from '../../src/core/result-keys.ts';
import { resultLocations, resultSource } from '../../src/core/result-locations.ts';
import { parseRecipe, renditionNames } from '../../src/core/recipe.ts';

const uploads = { bucket: 'uploads', key: 'a/b.jpg' };

describe('the result key', () => {
  it('is the upload key if there is one bucket and one rendition', () => {
    expect(resultKey(uploads, 'web', { uploadBuckets: ['uploads'], renditions: ['web'] })).toBe('a/b.jpg');
  });

  it('begins with the rendition if there are several', () => {
    const namespace = { uploadBuckets: ['uploads'], renditions: ['web', 'thumb'] };
    expect(resultKey(uploads, 'thumb', namespace)).toBe('thumb/a/b.jpg');
  });

  it('contains the bucket if there are several', () => {
    const namespace = {
      uploadBuckets: ['uploads', 'scans'],
      renditions: ['web', 'thumb'],
    };
    expect(resultKey(uploads, 'web', namespace)).toBe('web/uploads/a/b.jpg');
    expect(failureKey(uploads, namespace)).toBe('uploads/a/b.jpg');
  });

  it('exists once per rendition, whether by name or by description', () => {
    const uploadBuckets = ['uploads'];
    const keys = ['web/a/b.jpg', 'thumb/a/b.jpg'];
    expect(resultKeys(uploads, { uploadBuckets, renditions: ['web', 'thumb'] })).toEqual(keys);
    const renditions = renditionNames(parseRecipe('{"renditions":[{"name":"web"},{"name":"thumb"}]}'));
    expect(resultKeys(uploads, { uploadBuckets, renditions })).toEqual(keys);
  });

  it('is never shared by two renditions or two objects', () => {
    const name = fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,6}$/);
    const names = fc.uniqueArray(name, { minLength: 1, maxLength: 3 });
    // Keys that look like prefixes could collide.
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

describe('a pipeline with several conversions', () => {
  const names = {
    uploadBuckets: ['uploads'],
    renditions: ['web'],
    rules: [
      { keys: ['*.csv', 'tables/**'], renditions: ['parquet'] },
      { keys: ['*.pdf'], renditions: ['page', 'text'] },
    ],
  };
  const keysOf = (key: string, namespace: typeof names = names) =>
    resultKeys({ bucket: 'uploads', key }, namespace);

  const placesOf = (namespace: Namespace) =>
    resultLocations('uploads', namespace).map(({ rendition }) => rendition);

  it("determines an upload's renditions from its key", () => {
    expect(renditionsOf('a/b.CSV', names)).toEqual(['parquet']);
    expect(renditionsOf('tables/a/b', names)).toEqual(['parquet']);
    expect(renditionsOf('a.pdf', names)).toEqual(['page', 'text']);
    expect(renditionsOf('a.jpg', names)).toEqual(['web']);
  });

  it('begins every result key with the rendition if any conversion has several', () => {
    expect(keysOf('a.csv')).toEqual(['parquet/a.csv']);
    expect(keysOf('a.pdf')).toEqual(['page/a.pdf', 'text/a.pdf']);
    expect(keysOf('a.jpg')).toEqual(['web/a.jpg']);
    expect(placesOf(names)).toEqual(['web', 'parquet', 'page', 'text']);
  });

  it("uses the uploads' keys if each has one result", () => {
    const single = { ...names, rules: names.rules.slice(0, 1) };
    expect(keysOf('a.csv', single)).toEqual(['a.csv']);
    expect(keysOf('a.jpg', single)).toEqual(['a.jpg']);
    expect(placesOf(single)).toHaveLength(1);
  });

  const rendition = fc.constantFrom('web', 'page', 'text', 'a');
  const renditions = fc.uniqueArray(rendition, { minLength: 1, maxLength: 3 });
  const extensions = fc.record({
    web: fc.constantFrom('webp', 'jpg'),
    page: fc.constantFrom('webp', 'png'),
    text: fc.constantFrom('txt', 'webp'),
    a: fc.constantFrom('a', 'csv'),
  });
  const patterns = fc.uniqueArray(fc.constantFrom('a', '*.csv', 'web/**', '**/a', 'page/*', '*.webp'), {
    minLength: 1,
  });
  const ruleList = (hasExtensions: boolean) =>
    fc.array(fc.record({ keys: patterns, renditions, ...(hasExtensions ? { extensions } : {}) }), {
      maxLength: 3,
    });
  const namespaces = fc.boolean().chain((hasExtensions) =>
    fc.record<Namespace>({
      uploadBuckets: fc.constantFrom(['uploads'], ['uploads', 'web']),
      renditions,
      ...(hasExtensions ? { extensions } : {}),
      rules: ruleList(hasExtensions),
    }),
  );
  /** Keys that look like prefixes or result names. */
  const part = fc.constantFrom('web', 'page', 'a', 'x.csv', '', 'text', 'uploads');
  const ending = fc.constantFrom('', '', '.webp', '.webp.webp', '.jpg', '.jpg.webp', '.', '.csv', '.a');
  const uploadKeys = fc.uniqueArray(
    fc
      .tuple(fc.array(part, { minLength: 1, maxLength: 4 }), ending)
      .map(([parts, end]) => parts.join('/') + end)
      .filter((key) => key !== ''),
    { minLength: 1, maxLength: 20, size: 'max' },
  );

  it('never gives two results the same key, whichever conversions their uploads have', () => {
    fc.assert(
      fc.property(namespaces, uploadKeys, (namespace, each) => {
        const all = namespace.uploadBuckets.flatMap((bucket) =>
          each.flatMap((key) => resultKeys({ bucket, key }, namespace)),
        );
        expect(new Set(all).size).toBe(all.length);
      }),
    );
  });

  it("determines a result's upload from its key", () => {
    fc.assert(
      fc.property(namespaces, uploadKeys, (namespace, each) => {
        for (const bucket of namespace.uploadBuckets)
          for (const key of each)
            for (const name of renditionsOf(key, namespace))
              expect(resultSource(resultKey({ bucket, key }, name, namespace), namespace)).toEqual({
                bucket,
                key,
                rendition: name,
              });
      }),
    );
  });

  it("never deletes another upload's result, whichever rule it uses to look for results", () => {
    fc.assert(
      fc.property(namespaces, uploadKeys, (namespace, each) => {
        const owners = new Map<string, string>();
        for (const bucket of namespace.uploadBuckets)
          for (const key of each) {
            const possible = possibleResultKeys({ bucket, key }, namespace);
            expect(possible).toEqual(expect.arrayContaining(resultKeys({ bucket, key }, namespace)));
            for (const name of possible) {
              expect(owners.get(name)).toBeUndefined();
              owners.set(name, key);
            }
          }
      }),
    );
  });
});

describe('names with an extension', () => {
  const namespace = {
    uploadBuckets: ['uploads'],
    renditions: ['web'],
    extensions: { web: 'webp' },
    rules: [{ keys: ['*.csv'], renditions: ['parquet'], extensions: { parquet: 'parquet' } }],
  };

  it("end with each result's format", () => {
    expect(resultKeys({ bucket: 'uploads', key: 'boats.jpg' }, namespace)).toEqual(['boats.jpg.webp']);
    expect(resultKeys({ bucket: 'uploads', key: 'a/b.csv' }, namespace)).toEqual(['a/b.csv.parquet']);
  });

  it('belong to no upload if the extension is not that of its rule', () => {
    expect(resultSource('boats.jpg.webp', namespace)?.key).toBe('boats.jpg');
    for (const key of ['boats.jpg', 'boats.webp.jpg', 'a.csv.webp', 'a.parquet', '.webp', 'webp'])
      expect(resultSource(key, namespace)).toBeUndefined();
  });
});
