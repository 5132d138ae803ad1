import { describe, expect, it } from 'vitest';
import { apparentlySameUpload, certainlySameUpload, type SourceIdentity } from '../../src/core/source.ts';

const first = { etag: 'e1', versionId: 'v1', lastModified: '2026-01-01T00:00:00.000Z' };

describe('two uploads are certainly the same', () => {
  it('if they have the same version id', () => {
    expect(certainlySameUpload(first, { versionId: 'v1' })).toBe(true);
    expect(certainlySameUpload(first, { versionId: 'v2' })).toBe(false);
  });

  it('never if one has no version id, however similar they look', () => {
    const unversioned: SourceIdentity = { etag: 'e1', lastModified: first.lastModified };
    expect(certainlySameUpload(unversioned, unversioned)).toBe(false);
    expect(certainlySameUpload(first, unversioned)).toBe(false);
    expect(certainlySameUpload(unversioned, first)).toBe(false);
  });
});

describe('two uploads look the same', () => {
  it('if version, contents and time agree', () => {
    expect(apparentlySameUpload(first, { ...first })).toBe(true);
    const { versionId: _, ...unversioned } = first;
    expect(apparentlySameUpload(unversioned, { ...unversioned })).toBe(true);
  });

  it.each([
    ['version', { versionId: 'v2' }],
    ['content', { etag: 'e2' }],
    ['time', { lastModified: '2026-01-01T00:00:01.000Z' }],
  ])('not if the %s differs', (_what, other) => {
    expect(apparentlySameUpload(first, { ...first, ...other })).toBe(false);
  });
});
