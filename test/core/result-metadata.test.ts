import { describe, expect, it } from 'vitest';
import {
  readResultMetadata,
  sourceNameOf,
  stampOf,
  writeResultMetadata,
} from '../../src/core/result-metadata.ts';

const metadata = {
  sourceName: 'n1',
  sourceVersionId: 'v1',
  sourceEtag: 'e1',
  recipe: 'r1',
  generation: 7,
  stamp: 's1',
  stamped: true,
  rendition: 'web',
  width: 1600,
  height: 900,
  dominantColor: '#4a90d9',
  thumbhash: 'rBgOBQD5ZYKIuUfJZ4u4l/qCu/NY',
};

describe('the metadata of a result', () => {
  it('is read as it was written', () => {
    expect(readResultMetadata(writeResultMetadata(metadata))).toMatchObject(metadata);
  });

  it.each(['210mm', '595.28', '', '-1'])('has no size if a custom conversion calls %j its width', (width) => {
    const read = readResultMetadata({ ...writeResultMetadata(metadata), width });
    expect(read).not.toHaveProperty('width');
    expect(read).toMatchObject({ height: 900 });
  });

  it('says if the bytes do not contain the stamp, and nothing if an earlier version of the worker wrote it', () => {
    const written = writeResultMetadata({ ...metadata, stamped: false });
    expect(readResultMetadata(written)?.stamped).toBe(false);
    const { 'stamp-in-bytes': _, ...older } = written;
    expect(readResultMetadata(older)).not.toHaveProperty('stamped');
  });

  it('names no version if the bucket has none', () => {
    const { sourceVersionId: _, ...unversioned } = metadata;
    const written = writeResultMetadata(unversioned);
    expect(Object.keys(written)).not.toContain('source-version-id');
    const read = readResultMetadata(written);
    expect(read).toMatchObject(unversioned);
    expect(read).not.toHaveProperty('sourceVersionId');
  });

  it('has the names that existing results use', () => {
    expect(writeResultMetadata(metadata)).toMatchObject({
      'source-name': 'n1',
      'source-version-id': 'v1',
      'source-etag': 'e1',
      recipe: 'r1',
      generation: '7',
      stamp: 's1',
      'stamp-in-bytes': 'true',
      rendition: 'web',
      width: '1600',
      height: '900',
      'dominant-color': '#4a90d9',
      thumbhash: 'rBgOBQD5ZYKIuUfJZ4u4l/qCu/NY',
    });
  });

  it.each(['source-etag', 'recipe', 'stamp', 'rendition'])(
    'without %s, or with an empty one, belongs to somebody else’s object',
    (name) => {
      const { [name]: _, ...others } = writeResultMetadata(metadata);
      expect(readResultMetadata(others)).toBeUndefined();
      expect(readResultMetadata({ ...others, [name]: '' })).toBeUndefined();
    },
  );

  it('is missing on an object without metadata', () => {
    expect(readResultMetadata(undefined)).toBeUndefined();
    expect(readResultMetadata({})).toBeUndefined();
  });

  it('names no source if an earlier version of the worker wrote it', () => {
    const { 'source-name': _, ...older } = writeResultMetadata(metadata);
    const read = readResultMetadata(older);
    expect(read).not.toHaveProperty('sourceName');
    expect(read && writeResultMetadata(read)).toStrictEqual(older);
  });

  it('has generation 0 if it names none or an invalid one', () => {
    const { generation: _, ...older } = writeResultMetadata(metadata);
    expect(readResultMetadata(older)?.generation).toBe(0);
    expect(readResultMetadata({ ...older, generation: 'x' })?.generation).toBe(0);
  });
});

it('stamps differ between uploads and between generations', () => {
  expect(new Set([stampOf('v1', 1), stampOf('v1', 2), stampOf('v2', 1), stampOf('v11', 1)]).size).toBe(4);
});

it("a source's name depends on bucket and key, and fits into metadata however long the key is", () => {
  const names = ['a', 'a/b', 'é'.repeat(512)].map((key) => sourceNameOf({ bucket: 'uploads', key }));
  const others = ['a', 'b'].map((key) => sourceNameOf({ bucket: 'uploads2', key }));
  expect(new Set([...names, ...others]).size).toBe(5);
  for (const name of names) expect(name).toMatch(/^[\w-]{43}$/);
});
