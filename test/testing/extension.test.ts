import { describe, expect, it } from 'vitest';
import { assertExtension } from '../../src/testing/extension.ts';

const check = (contentType: string, extension?: string) => () =>
  assertExtension({ rendition: 'web', contentType, bytes: 1, sha256: '' }, extension);

describe('the extension check', () => {
  it.each([
    ['image/jpeg', 'jpg'],
    ['text/csv; charset=utf-8', 'csv'],
    ['application/x-ndjson', 'ndjson'],
    ['application/vnd.apache.parquet', 'parquet'],
    ['application/x-ndjson', 'json'],
    ['application/octet-stream', 'zip'],
    ['application/json', 'geojson'],
    ['text/plain', 'csv'],
    ['image/webp', undefined],
  ])('accepts %s as %s', (contentType, extension) => {
    expect(check(contentType, extension)).not.toThrow();
  });

  it.each([
    ['image/webp', 'jpg'],
    ['text/plain', 'png'],
    ['application/json; charset=utf-8', 'csv'],
  ])('refuses %s as %s', (contentType, extension) => {
    expect(check(contentType, extension)).toThrow(`but its extension is ${extension}, which is for `);
  });
});
