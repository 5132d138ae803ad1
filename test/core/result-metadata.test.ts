import { describe, expect, it } from 'vitest';
import { readResultMetadata, writeResultMetadata } from '../../src/core/result-metadata.ts';

const metadata = {
  sourceVersionId: 'v1',
  sourceEtag: 'e1',
  recipe: 'r1',
  stamp: 's1',
  rendition: 'web',
  width: 1600,
  height: 900,
};

describe('the metadata of a result', () => {
  it('is read as it was written', () => {
    expect(readResultMetadata(writeResultMetadata(metadata))).toMatchObject(metadata);
  });

  it('names no version where the bucket has none', () => {
    const { sourceVersionId: _, ...unversioned } = metadata;
    const written = writeResultMetadata(unversioned);
    expect(Object.keys(written)).not.toContain('source-version-id');
    const read = readResultMetadata(written);
    expect(read).toMatchObject(unversioned);
    expect(read).not.toHaveProperty('sourceVersionId');
  });

  it('has the names that results in the bucket already have', () => {
    expect(writeResultMetadata(metadata)).toMatchObject({
      'source-version-id': 'v1',
      'source-etag': 'e1',
      recipe: 'r1',
      stamp: 's1',
      rendition: 'web',
      width: '1600',
      height: '900',
    });
  });

  it.each(['source-etag', 'recipe', 'stamp', 'rendition'])(
    'without %s, or with an empty one, is of somebody else’s object',
    (name) => {
      const { [name]: _, ...others } = writeResultMetadata(metadata);
      expect(readResultMetadata(others)).toBeUndefined();
      expect(readResultMetadata({ ...others, [name]: '' })).toBeUndefined();
    },
  );

  it('is not there on an object without any', () => {
    expect(readResultMetadata(undefined)).toBeUndefined();
    expect(readResultMetadata({})).toBeUndefined();
  });
});
