import { describe, expect, it } from 'vitest';
import { namedSource } from '../../../src/cli/orphans/named-source.ts';
import { sourceNameOf } from '../../../src/core/result-metadata.ts';

const BUCKETS = ['scans', 'photos'];
const source = { bucket: 'photos', key: '2026/boat.jpg' };
const metadata = { sourceName: sourceNameOf(source) };

describe("a result's upload", () => {
  it.each([
    ['the key of the upload', '2026/boat.jpg'],
    ['a rendition before it', 'web/2026/boat.jpg'],
    ['a bucket before it', 'photos/2026/boat.jpg'],
    ['both', 'web/photos/2026/boat.jpg'],
    ['an extension after it', '2026/boat.jpg.webp'],
    ['all of them', 'web/photos/2026/boat.jpg.webp'],
  ])('is identified by %s', (_, key) => {
    expect(namedSource(key, metadata, BUCKETS)).toEqual(source);
  });

  it.each([
    ['the key belongs to another upload', '2027/boat.jpg', metadata, BUCKETS],
    ['the upload bucket is no longer in the list', '2026/boat.jpg', metadata, ['scans']],
    ['the metadata does not name it', '2026/boat.jpg', {}, BUCKETS],
  ])('is unknown if %s', (_, key, stored, buckets) => {
    expect(namedSource(key, stored, buckets)).toBeUndefined();
  });
});
