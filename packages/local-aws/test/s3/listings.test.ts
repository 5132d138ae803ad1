import {
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  type _Object,
  type MultipartUpload,
} from '@aws-sdk/client-s3';
import { fc } from '../../../../test/support/fuzz.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compareUtf8 } from '../../src/s3/utf8-order.ts';
import { errorOf, rawHeaders, startS3, type TestS3 } from './server.ts';

let server: TestS3;
beforeAll(async () => {
  server = await startS3();
});
afterAll(() => server.stop());

const newBucket = async (Bucket: string, versioned = false) => {
  await server.s3.send(new CreateBucketCommand({ Bucket }));
  if (versioned) await setVersioning(Bucket, 'Enabled');
};
const setVersioning = (Bucket: string, Status: 'Enabled' | 'Suspended') =>
  server.s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status } }));
const put = async (Bucket: string, Key: string, Body = Key) =>
  (await server.s3.send(new PutObjectCommand({ Bucket, Key, Body }))).VersionId;
const textOf = async (Bucket: string, Key: string, VersionId?: string) =>
  (await server.s3.send(new GetObjectCommand({ Bucket, Key, VersionId }))).Body?.transformToString();

describe('a listing', () => {
  const KEYS = ['a/1', 'a/2', 'a/b/3', 'b', 'b+c d', 'c/é', 'z\uffee', 'z🏞️', '~'];
  beforeAll(async () => {
    await newBucket('listed');
    for (const key of KEYS.toReversed()) await put('listed', key);
  });
  const list = (more: object) => server.s3.send(new ListObjectsV2Command({ Bucket: 'listed', ...more }));
  const keysOf = ({ Contents = [] }: { Contents?: _Object[] | undefined }) => Contents.map(({ Key }) => Key);

  it('is in UTF-8 byte order, in which an emoji comes after U+FFEE', async () => {
    expect(keysOf(await list({}))).toEqual(KEYS);
    expect(KEYS.toSorted(compareUtf8)).toEqual(KEYS);
    expect(KEYS.toSorted()).not.toEqual(KEYS);
  });

  it('is ordered like bytes', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 40 });
    fc.assert(
      fc.property(text, text, (a, b) => {
        expect(Math.sign(compareUtf8(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
      }),
    );
  });

  it.each([1, 2, 4, 1000])('comes in pages of %i, with each key once', async (MaxKeys) => {
    const keys: (string | undefined)[] = [];
    let token: string | undefined;
    do {
      const page = await list({ MaxKeys, ContinuationToken: token });
      expect(page.KeyCount).toBeLessThanOrEqual(MaxKeys);
      keys.push(...keysOf(page));
      token = page.NextContinuationToken;
      expect(page.IsTruncated).toBe(token !== undefined);
    } while (token !== undefined);
    expect(keys).toEqual(KEYS);
  });

  it('groups keys by a delimiter, also across pages', async () => {
    const seen: string[] = [];
    let token: string | undefined;
    do {
      const page = await list({ Delimiter: '/', MaxKeys: 2, ContinuationToken: token });
      for (const { Prefix = '' } of page.CommonPrefixes ?? []) seen.push(Prefix);
      for (const key of keysOf(page)) seen.push(key ?? '');
      token = page.NextContinuationToken;
    } while (token !== undefined);
    expect(seen).toHaveLength(7);
    expect(new Set(seen)).toEqual(new Set(['a/', 'b', 'b+c d', 'c/', 'z\uffee', 'z🏞️', '~']));
    const inside = await list({ Prefix: 'a/', Delimiter: '/' });
    expect([keysOf(inside), inside.CommonPrefixes]).toEqual([['a/1', 'a/2'], [{ Prefix: 'a/b/' }]]);
  });

  it('starts after a key, existing or not, and is URL-encoded on request', async () => {
    expect(keysOf(await list({ StartAfter: 'b' }))).toEqual(KEYS.slice(4));
    expect(keysOf(await list({ StartAfter: 'aa' }))).toEqual(KEYS.slice(3));
    expect(keysOf(await list({ Prefix: 'b+', EncodingType: 'url' }))).toEqual(['b%2Bc%20d']);
    expect(keysOf(await list({ Prefix: 'nothing' }))).toEqual([]);
  });

  it('has an older version, with markers', async () => {
    const first = await server.s3.send(new ListObjectsCommand({ Bucket: 'listed', MaxKeys: 4 }));
    expect([first.IsTruncated, keysOf(first)]).toEqual([true, KEYS.slice(0, 4)]);
    const rest = await server.s3.send(new ListObjectsCommand({ Bucket: 'listed', Marker: 'b' }));
    expect([rest.IsTruncated, keysOf(rest)]).toEqual([false, KEYS.slice(4)]);
  });

  it('has an older version, which with a delimiter names where the next page begins', async () => {
    const page = (Marker?: string) =>
      server.s3.send(new ListObjectsCommand({ Bucket: 'listed', Delimiter: '/', MaxKeys: 2, Marker }));
    const first = await page();
    expect([first.CommonPrefixes, keysOf(first), first.NextMarker]).toEqual([[{ Prefix: 'a/' }], ['b'], 'b']);
    const inGroup = await page('a/');
    expect([inGroup.CommonPrefixes, keysOf(inGroup)]).toEqual([undefined, ['b', 'b+c d']]);
    expect((await page('z\uffee')).NextMarker).toBeUndefined();
    expect(first.Delimiter).toBe('/');
    const whole = await server.s3.send(new ListObjectsCommand({ Bucket: 'listed', MaxKeys: 2 }));
    expect(whole).not.toHaveProperty('Delimiter');
    expect([whole.IsTruncated, whole.NextMarker]).toEqual([true, undefined]);
  });

  it('names its parameters, and the owner on request', async () => {
    const asked = { Prefix: 'a/', Delimiter: '/', MaxKeys: 5, StartAfter: 'a/1' };
    const plain = await list(asked);
    expect(plain).toMatchObject({ ...asked, Name: 'listed', KeyCount: 2, IsTruncated: false });
    const { ETag } = await server.s3.send(new HeadObjectCommand({ Bucket: 'listed', Key: 'a/2' }));
    expect(plain.Contents?.[0]).toMatchObject({
      Key: 'a/2',
      ETag,
      Size: 3,
      StorageClass: 'STANDARD',
      ChecksumAlgorithm: ['CRC32'],
    });
    expect(keysOf(await list({ Prefix: 'a/', EncodingType: 'url' }))).toContain('a/b/3');
    expect(plain.Contents?.[0]).not.toHaveProperty('Owner');
    expect((await list({ ...asked, FetchOwner: true })).Contents?.[0]?.Owner).toBeDefined();
    expect(await list({})).toMatchObject({ MaxKeys: 1000 });
    for (const name of ['Delimiter', 'StartAfter', 'ContinuationToken', 'EncodingType'])
      expect(await list({})).not.toHaveProperty(name);
    const encoded = await list({ Prefix: 'b+', StartAfter: 'b ', Delimiter: ' ', EncodingType: 'url' });
    expect(encoded).toMatchObject({
      EncodingType: 'url',
      Prefix: 'b%2B',
      StartAfter: 'b%20',
      Delimiter: '%20',
    });
    expect(encoded.CommonPrefixes).toEqual([{ Prefix: 'b%2Bc%20' }]);
  });

  it('of at most no keys is empty and complete', async () => {
    expect(await list({ MaxKeys: 0 })).toMatchObject({ KeyCount: 0, IsTruncated: false });
  });

  it('names keys that contain a carriage return', async () => {
    const Bucket = 'carriage-returns';
    const Key = 'cr\rlf\r\nand &#13;';
    await newBucket(Bucket);
    await put(Bucket, Key);
    const { Contents = [] } = await server.s3.send(new ListObjectsV2Command({ Bucket }));
    expect(Contents.map((each) => each.Key)).toEqual([Key]);
    const Delete = { Objects: [{ Key }] };
    const { Deleted = [] } = await server.s3.send(new DeleteObjectsCommand({ Bucket, Delete }));
    expect(Deleted.map((each) => each.Key)).toEqual([Key]);
  });

  it('continues after its token, wherever it started', async () => {
    const { NextContinuationToken } = await list({ MaxKeys: 4 });
    const rest = await list({ StartAfter: 'a/1', ContinuationToken: NextContinuationToken });
    expect(keysOf(rest)).toEqual(KEYS.slice(4));
    expect(rest.ContinuationToken).toBe(NextContinuationToken);
  });

  it.each([
    [{ EncodingType: 'base64' }, 'InvalidArgument'],
    [{ MaxKeys: -1 }, 'InvalidArgument'],
    [{ MaxKeys: 2_147_483_648 }, 'InvalidArgument'],
    [{ MaxKeys: 1.5 }, 'InvalidArgument'],
    [{ ContinuationToken: 'YQ==' }, 'InvalidArgument'],
  ])('with %j is refused', async (more, name) => {
    expect(await errorOf(list(more))).toEqual({ name, status: 400 });
  });

  it('follows deletions and new uploads', async () => {
    await newBucket('moving');
    for (const key of ['a', 'c', 'e']) await put('moving', key);
    const keys = async () => keysOf(await server.s3.send(new ListObjectsV2Command({ Bucket: 'moving' })));
    expect(await keys()).toEqual(['a', 'c', 'e']);
    await server.s3.send(new DeleteObjectCommand({ Bucket: 'moving', Key: 'c' }));
    await put('moving', 'b');
    expect(await keys()).toEqual(['a', 'b', 'e']);
    await put('moving', 'c');
    await put('moving', 'a');
    expect(await keys()).toEqual(['a', 'b', 'c', 'e']);
  });
});

describe('a versioned bucket', () => {
  it('keeps every version, and shows the latest', async () => {
    await newBucket('versioned', true);
    const versions = [
      await put('versioned', 'k', 'one'),
      await put('versioned', 'k', 'two'),
      await put('versioned', 'k', 'three'),
    ];
    expect(new Set(versions).size).toBe(3);
    expect(await textOf('versioned', 'k')).toBe('three');
    expect(await textOf('versioned', 'k', versions[0])).toBe('one');
    expect((await server.s3.send(new HeadObjectCommand({ Bucket: 'versioned', Key: 'k' }))).VersionId).toBe(
      versions[2],
    );
    expect(await errorOf(textOf('versioned', 'k', 'x'.repeat(32)))).toMatchObject({
      name: 'NoSuchVersion',
      status: 404,
    });
  });

  it('marks a key as deleted, and restores the previous version when the marker is deleted', async () => {
    await newBucket('marked', true);
    await put('marked', 'k', 'one');
    const marker = await server.s3.send(new DeleteObjectCommand({ Bucket: 'marked', Key: 'k' }));
    expect(marker.DeleteMarker).toBe(true);
    expect((await errorOf(textOf('marked', 'k'))).status).toBe(404);
    expect(await errorOf(textOf('marked', 'k', marker.VersionId))).toMatchObject({
      name: 'MethodNotAllowed',
      status: 405,
    });
    expect((await server.s3.send(new ListObjectsV2Command({ Bucket: 'marked' }))).Contents).toBeUndefined();
    await server.s3.send(
      new DeleteObjectCommand({ Bucket: 'marked', Key: 'k', VersionId: marker.VersionId }),
    );
    expect(await textOf('marked', 'k')).toBe('one');
  });

  it('tells that the current version is a delete marker', async () => {
    await newBucket('telling', true);
    await put('telling', 'k', 'one');
    const remove = (VersionId?: string) =>
      server.s3.send(new DeleteObjectCommand({ Bucket: 'telling', Key: 'k', VersionId }));
    const { VersionId = '' } = await remove();
    const read = async (query: string) => {
      const answer = await fetch(`${server.url}/telling/${query}`, { headers: rawHeaders() });
      const { headers, status } = answer;
      const [marker, id] = ['x-amz-delete-marker', 'x-amz-version-id'].map((name) => headers.get(name));
      return { status, marker, id, allow: headers.get('allow') };
    };
    expect(await read('k')).toEqual({ status: 404, marker: 'true', id: VersionId, allow: null });
    expect(await read(`k?versionId=${VersionId}`)).toEqual({
      status: 405,
      marker: 'true',
      id: VersionId,
      allow: 'DELETE',
    });
    expect(await read('never')).toEqual({ status: 404, marker: null, id: null, allow: null });
    expect(await remove('x'.repeat(32))).toMatchObject({ VersionId: 'x'.repeat(32) });
    expect(await remove(VersionId)).toMatchObject({ DeleteMarker: true, VersionId });
    expect(await errorOf(textOf('telling', 'never', VersionId))).toMatchObject({ name: 'NoSuchVersion' });
  });

  it('keeps the version without an id when it gets others, and replaces no other version by one', async () => {
    await newBucket('mixed');
    await put('mixed', 'k', 'without');
    await setVersioning('mixed', 'Enabled');
    const [first, second] = [await put('mixed', 'k', 'first'), await put('mixed', 'k', 'second')];
    expect(await textOf('mixed', 'k', 'null')).toBe('without');
    await setVersioning('mixed', 'Suspended');
    await put('mixed', 'k', 'without again');
    await put('mixed', 'new', 'x');
    await put('mixed', 'new', 'y');
    const { Versions = [] } = await server.s3.send(new ListObjectVersionsCommand({ Bucket: 'mixed' }));
    expect(Versions.map(({ Key, VersionId }) => `${Key} ${VersionId}`)).toEqual([
      'k null',
      `k ${second}`,
      `k ${first}`,
      'new null',
    ]);
    expect(await textOf('mixed', 'k', first)).toBe('first');
  });

  it('lists every version without an id, in pages', async () => {
    await newBucket('plain');
    for (const key of ['a', 'b', 'c']) await put('plain', key);
    const seen: (string | undefined)[] = [];
    let next: { KeyMarker?: string | undefined; VersionIdMarker?: string | undefined } = {};
    do {
      const page = await server.s3.send(
        new ListObjectVersionsCommand({ Bucket: 'plain', MaxKeys: 1, ...next }),
      );
      seen.push(...(page.Versions ?? []).map(({ Key, VersionId }) => `${Key} ${VersionId}`));
      next = { KeyMarker: page.NextKeyMarker, VersionIdMarker: page.NextVersionIdMarker };
    } while (next.KeyMarker !== undefined);
    expect(seen).toEqual(['a null', 'b null', 'c null']);
  });

  it('permanently deletes a version by its id', async () => {
    await newBucket('losing', true);
    await put('losing', 'k', 'one');
    const second = await put('losing', 'k', 'two');
    await server.s3.send(new DeleteObjectCommand({ Bucket: 'losing', Key: 'k', VersionId: second }));
    expect(await textOf('losing', 'k')).toBe('one');
  });

  it('overwrites the null version while versioning is suspended', async () => {
    await newBucket('suspended');
    await put('suspended', 'k', 'before');
    await setVersioning('suspended', 'Enabled');
    const kept = await put('suspended', 'k', 'versioned');
    await setVersioning('suspended', 'Suspended');
    expect(await put('suspended', 'k', 'null again')).toBe('null');
    expect(await textOf('suspended', 'k')).toBe('null again');
    expect(await textOf('suspended', 'k', 'null')).toBe('null again');
    expect(await textOf('suspended', 'k', kept)).toBe('versioned');
    const { Versions = [] } = await server.s3.send(new ListObjectVersionsCommand({ Bucket: 'suspended' }));
    expect(Versions.map(({ VersionId, IsLatest }) => [VersionId, IsLatest])).toEqual([
      ['null', true],
      [kept, false],
    ]);
    const at = { Bucket: 'suspended', Key: 'k' };
    const copied = await server.s3.send(
      new CopyObjectCommand({ ...at, CopySource: `suspended/k?versionId=${kept}` }),
    );
    expect([copied.VersionId, copied.CopySourceVersionId]).toEqual(['null', kept]);
    expect((await server.s3.send(new HeadObjectCommand(at))).VersionId).toBe('null');
    const deleted = await server.s3.send(new DeleteObjectCommand(at));
    expect([deleted.DeleteMarker, deleted.VersionId]).toEqual([true, 'null']);
  });

  it('lists all versions and markers, newest first, in pages', async () => {
    await newBucket('pages', true);
    const expected: string[] = [];
    for (const key of ['a', 'b']) {
      const ids = [await put('pages', key, '1'), await put('pages', key, '2')];
      const marker = await server.s3.send(new DeleteObjectCommand({ Bucket: 'pages', Key: key }));
      expected.push(...[marker.VersionId, ids[1], ids[0]].map((id) => `${key} ${id}`));
    }
    const none = await server.s3.send(new ListObjectVersionsCommand({ Bucket: 'pages', MaxKeys: 0 }));
    expect([none.IsTruncated, none.NextKeyMarker, none.Versions ?? []]).toEqual([false, undefined, []]);
    const seen: string[] = [];
    let next: { KeyMarker?: string | undefined; VersionIdMarker?: string | undefined } = {};
    do {
      const page = await server.s3.send(
        new ListObjectVersionsCommand({ Bucket: 'pages', MaxKeys: 1, ...next }),
      );
      const [item] = [...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])];
      expect([page.Versions ?? [], page.DeleteMarkers ?? []].flat()).toHaveLength(1);
      seen.push(`${item?.Key} ${item?.VersionId}`);
      expect(item?.IsLatest).toBe(seen.length % 3 === 1);
      next = { KeyMarker: page.NextKeyMarker, VersionIdMarker: page.NextVersionIdMarker };
    } while (next.KeyMarker !== undefined);
    expect(seen).toEqual(expected);
  });

  it('lists versions by prefix and delimiter, with each group once across pages', async () => {
    await newBucket('grouped', true);
    for (const key of ['a/1', 'a/2', 'b', 'c/1', 'c/2', 'd']) await put('grouped', key);
    await put('grouped', 'b', 'again');
    const list = (more: object) =>
      server.s3.send(new ListObjectVersionsCommand({ Bucket: 'grouped', Delimiter: '/', ...more }));
    for (const MaxKeys of [1, 2, 3]) {
      const pages: (string | undefined)[][] = [];
      let next: { KeyMarker?: string | undefined; VersionIdMarker?: string | undefined } = {};
      do {
        const page = await list({ MaxKeys, ...next });
        const groups = (page.CommonPrefixes ?? []).map(({ Prefix }) => Prefix);
        pages.push([...groups, ...(page.Versions ?? []).map(({ Key }) => Key)]);
        expect(page.IsTruncated).toBe(page.NextKeyMarker !== undefined);
        next = { KeyMarker: page.NextKeyMarker, VersionIdMarker: page.NextVersionIdMarker };
      } while (next.KeyMarker !== undefined);
      expect(pages.flat().map(String).toSorted(compareUtf8)).toEqual(['a/', 'b', 'b', 'c/', 'd']);
      expect(pages.slice(0, -1).every(({ length }) => length === MaxKeys)).toBe(true);
    }
    const inside = await list({ Prefix: 'c/' });
    expect([inside.Versions?.map(({ Key }) => Key), inside.CommonPrefixes]).toEqual([
      ['c/1', 'c/2'],
      undefined,
    ]);
    expect(inside).toMatchObject({ Name: 'grouped', Prefix: 'c/', Delimiter: '/', MaxKeys: 1000 });
    expect(await errorOf(list({ VersionIdMarker: 'x' }))).toEqual({ name: 'InvalidArgument', status: 400 });
    const afterKey = await list({ KeyMarker: 'b' });
    expect([afterKey.Versions?.map(({ Key }) => Key), afterKey.CommonPrefixes]).toEqual([
      ['d'],
      [{ Prefix: 'c/' }],
    ]);
  });
});

describe('a listing of multipart uploads', () => {
  it('is by key and then by upload, in pages', async () => {
    await newBucket('uploads');
    const begin = async (Key: string) =>
      (await server.s3.send(new CreateMultipartUploadCommand({ Bucket: 'uploads', Key }))).UploadId ?? '';
    const ids = new Map<string, string[]>();
    for (const key of ['b', 'a', 'c', 'b', 'b']) ids.set(key, [...(ids.get(key) ?? []), await begin(key)]);
    const expected = ['a', 'b', 'c'].flatMap((key) =>
      (ids.get(key) ?? []).toSorted(compareUtf8).map((id) => `${key} ${id}`),
    );
    const list = (more: object) =>
      server.s3.send(new ListMultipartUploadsCommand({ Bucket: 'uploads', ...more }));
    const shown = ({ Uploads = [] }: { Uploads?: MultipartUpload[] | undefined }) =>
      Uploads.map(({ Key, UploadId }) => `${Key} ${UploadId}`);
    const seen: string[] = [];
    let next: { KeyMarker?: string | undefined; UploadIdMarker?: string | undefined } = {};
    do {
      const page = await list({ MaxUploads: 1, ...next });
      expect(page.Uploads).toHaveLength(1);
      seen.push(...shown(page));
      expect(page.IsTruncated).toBe(page.NextKeyMarker !== undefined);
      next = { KeyMarker: page.NextKeyMarker, UploadIdMarker: page.NextUploadIdMarker };
    } while (next.KeyMarker !== undefined);
    expect(seen).toEqual(expected);
    expect(shown(await list({ KeyMarker: 'b' }))).toEqual(expected.slice(4));
    await begin('ab');
    expect(shown(await list({ Prefix: 'b' }))).toEqual(expected.slice(1, 4));
    expect(shown(await list({ KeyMarker: 'b', UploadIdMarker: '' }))).toEqual(expected.slice(4));
    expect(await list({ MaxUploads: 6 })).toMatchObject({ IsTruncated: false });
    expect(await errorOf(list({ Delimiter: '/' }))).toEqual({ name: 'NotImplemented', status: 501 });
  });
});
