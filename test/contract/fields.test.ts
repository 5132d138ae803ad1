import { describe, expect, it } from 'vitest';
import { cleanName } from '../../src/contract/clean-name.ts';
import { checkAnswer, describeRoutes } from '../../src/contract/contract.ts';
import { objectKey, uploadBucket, uploadFile } from '../../src/contract/fields.ts';
import { ROUTES } from '../../src/contract/routes.ts';

describe('the key of a file', () => {
  it.each([
    ['2026/boats.jpg', '2026/boats.jpg'],
    ['C:\\photos\\boats.jpg', 'C:/photos/boats.jpg'],
    ['/etc//passwd', 'etc/passwd'],
    ['../../secret/./a.jpg', 'secret/a.jpg'],
    ['..a/b../...', '..a/b../...'],
    ['cafe\u0301.jpg', 'caf\u00e9.jpg'],
    ['line\nbreak\u0000\u007f.jpg', 'line_break__.jpg'],
    ['a ${filename} and ${filename}', 'a $_{filename} and $_{filename}'],
    ['$&.jpg', '$&.jpg'],
    ['', ''],
    ['/.././', ''],
  ])('of the path %j ends with %j', (name, key) => {
    expect(cleanName(name)).toBe(key);
  });
});

describe('a file to upload', () => {
  const check = (file: object) => uploadFile(1000).safeParse({ name: 'a.jpg', size: 1, ...file });

  it.each([{}, { name: 'n'.repeat(1024) }, { size: 1000 }, { type: 'image/svg+xml' }])(
    'may be %j',
    (file) => {
      expect(check(file).success).toBe(true);
    },
  );

  it.each([
    { name: '' },
    { name: '../.' },
    { name: 'n'.repeat(1025) },
    { name: '\ud800.jpg' },
    { size: 0 },
    { size: 1001 },
    { size: 1.5 },
    { type: 'image' },
    { type: 'a/b; c' },
    { type: 'text/html, a/b' },
    { type: `a/${'b'.repeat(99)}` },
    { other: true },
  ])('may not be %j', (file) => {
    expect(check(file).success).toBe(false);
  });

  it('is binary unless it says otherwise', () => {
    expect(check({}).data).toMatchObject({ type: 'application/octet-stream' });
  });
});

describe('a key', () => {
  it('has one to 1,024 bytes in UTF-8', () => {
    for (const key of ['k', 'é'.repeat(512)]) expect(objectKey.safeParse(key).success).toBe(true);
    for (const key of ['', 'é'.repeat(513)]) expect(objectKey.safeParse(key).success).toBe(false);
  });
});

describe('a bucket', () => {
  it('is one of the upload buckets, by default the first', () => {
    const bucket = uploadBucket(['uploads', 'scans'], 'expected an upload bucket');
    expect(bucket.parse(undefined)).toBe('uploads');
    expect(bucket.parse('scans')).toBe('scans');
    expect(bucket.safeParse('results').error?.issues[0]?.message).toBe('expected an upload bucket');
  });
});

describe('a response', () => {
  const counts = { uploaded: 1, converted: 1, failed: 0, pending: 0, ignored: 0, truncated: false };
  const batch = { batch: `20260101-${'0'.repeat(32)}`, basis: 'listings', ...counts };

  it('of a route matches its schema', () => {
    expect(checkAnswer('getBatch', 200, batch)).toEqual(batch);
    expect(() => checkAnswer('getBatch', 200, { ...batch, converted: -1 })).toThrow('converted');
  });

  it('without a schema is not checked', () => {
    expect(checkAnswer('getBatch', 299, 'anything')).toBe('anything');
    expect(checkAnswer('getResult', 302, 'anything')).toBe('anything');
    expect(checkAnswer('getBatch', 404, 'anything')).toBe('anything');
  });

  it('of every route is described, also of those that depend on the deployment', () => {
    const routes = describeRoutes({ maxUploadBytes: 1000, uploadBuckets: ['uploads'] });
    expect(Object.keys(routes).toSorted()).toEqual(Object.keys(ROUTES).toSorted());
    const { schema } = routes.createUploads.request.body.content['application/json'];
    expect(schema.safeParse({ files: [{ name: 'a', size: 1001 }] }).success).toBe(false);
    expect(routes.getObject.request.query.parse({})).toEqual({ bucket: 'uploads' });
  });
});
