import { describe, expect, it } from 'vitest';
import {
  readResultMetadata,
  sourceNameOf,
  stampOf,
  writeResultMetadata,
} from '../../src/core/result-metadata.ts';
import { freshnessOf } from '../../src/core/result-freshness.ts';

const object = { bucket: 'b', key: 'k' };
const stored = {
  sourceName: sourceNameOf(object),
  sourceVersionId: 'v1',
  sourceEtag: 'e1',
  recipe: 'a',
  generation: 5,
  stamp: 's',
  rendition: 'web',
  width: 1,
  height: 1,
};
const { sourceVersionId: _, ...unversioned } = stored;
const { sourceName: __, ...anonymous } = unversioned;
const ofAnother = { ...unversioned, sourceName: sourceNameOf({ bucket: 'b', key: 'other' }) };
const deployed = { recipeId: 'a', generation: 5 };

describe('the freshness of a stored result', () => {
  it.each([
    ['the version it was made from', stored, { etag: '"e1"', versionId: 'v1' }, 'same'],
    ['another version with equal content', stored, { etag: '"e1"', versionId: 'v2' }, 'other'],
    ['an upload without a version, with equal content', stored, { etag: '"e1"' }, 'other'],
    ['a version, where the result names none', unversioned, { etag: '"e1"', versionId: 'v1' }, 'other'],
    ['equal content without versions', unversioned, { etag: '"e1"' }, 'maybe same'],
    ['other content without versions', unversioned, { etag: '"e2"' }, 'other'],
    ['equal content, where the result does not name its source', anonymous, { etag: '"e1"' }, 'maybe same'],
    ['equal content under another key', ofAnother, { etag: '"e1"' }, 'other'],
  ] as const)('compared with %s', (_what, result, source, upload) => {
    expect(freshnessOf(result, object, source, deployed).upload).toBe(upload);
  });

  it.each([
    ['the deployed recipe', 'a', 5, 'same'],
    ['a recipe that was deployed before', 'b', 4, 'older'],
    ['a recipe that was deployed later', 'b', 6, 'newer'],
    ['the same recipe, deployed later, after a rollback', 'a', 6, 'newer'],
    ['the same recipe, deployed before another one', 'a', 3, 'older'],
    ['another recipe with the same generation', 'b', 5, 'older'],
  ])('for a deployment, made under %s', (_what, recipe, generation, expected) => {
    const freshness = freshnessOf(
      { ...stored, recipe, generation },
      object,
      { etag: '', versionId: 'v1' },
      deployed,
    );
    expect(freshness.recipe).toBe(expected);
  });
});

describe('the metadata of a result', () => {
  it('is read as it was written', () => {
    expect(readResultMetadata(writeResultMetadata(stored))).toEqual(stored);
    expect(readResultMetadata(writeResultMetadata(unversioned))).toEqual(unversioned);
  });

  it.each([undefined, '', 'soon'])('has the oldest generation if it names %s', (generation) => {
    const { generation: _written, ...raw } = writeResultMetadata(stored);
    const changed = generation === undefined ? raw : { ...raw, generation };
    expect(readResultMetadata(changed)?.generation).toBe(0);
  });

  it('has a stamp that differs between uploads and between generations', () => {
    const stamps = ['v1', 'v11', 'v1.1'].flatMap((upload) => [1, 11, 2].map((n) => stampOf(upload, n)));
    expect(new Set(stamps).size).toBe(9);
  });
});
