import { createHash } from 'node:crypto';
import {
  CopyObjectCommand,
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetBucketLocationCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  type BucketLocationConstraint,
  type ListBucketsCommandInput,
  type MetadataDirective,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { errorOf, rawHeaders, startS3, type TestS3 } from './server.ts';

let server: TestS3;
const Bucket = 'things';
beforeAll(async () => {
  server = await startS3();
  await server.s3.send(new CreateBucketCommand({ Bucket }));
});
afterAll(() => server.stop());

const put = (Key: string, Body: string | Buffer, more: object = {}) =>
  server.s3.send(new PutObjectCommand({ Bucket, Key, Body, ...more }));
const get = (Key: string, more: object = {}) =>
  server.s3.send(new GetObjectCommand({ Bucket, Key, ...more }));
const textOf = async (Key: string, more: object = {}) => (await get(Key, more)).Body?.transformToString();

describe('buckets', () => {
  it('are created, found, listed and, when empty, deleted', async () => {
    await server.s3.send(new CreateBucketCommand({ Bucket: 'for-a-while' }));
    await server.s3.send(new HeadBucketCommand({ Bucket: 'for-a-while' }));
    const { Buckets = [] } = await server.s3.send(new ListBucketsCommand({}));
    expect(Buckets.map(({ Name }) => Name)).toEqual(['for-a-while', Bucket]);
    expect(await server.s3.send(new GetBucketLocationCommand({ Bucket }))).not.toHaveProperty(
      'LocationConstraint',
      'eu-west-1',
    );
    await server.s3.send(new DeleteBucketCommand({ Bucket: 'for-a-while' }));
    expect(await errorOf(server.s3.send(new HeadBucketCommand({ Bucket: 'for-a-while' })))).toEqual({
      name: 'NotFound',
      status: 404,
    });
  });

  it('are in the one region, and may be created in any', async () => {
    const create = (LocationConstraint: BucketLocationConstraint) =>
      server.s3.send(
        new CreateBucketCommand({ Bucket: 'elsewhere', CreateBucketConfiguration: { LocationConstraint } }),
      );
    expect((await create('eu-west-1')).Location).toBe('/elsewhere');
    const { BucketRegion } = await server.s3.send(new HeadBucketCommand({ Bucket: 'elsewhere' }));
    expect(BucketRegion).toBe('us-east-1');
    const { LocationConstraint } = await server.s3.send(
      new GetBucketLocationCommand({ Bucket: 'elsewhere' }),
    );
    expect(LocationConstraint || undefined).toBeUndefined();
    await server.s3.send(new DeleteBucketCommand({ Bucket: 'elsewhere' }));
  });

  it('are listed by prefix and region, in pages', async () => {
    const names = ['listed-a', 'listed-b', 'listed-c', 'other'];
    for (const name of names) await server.s3.send(new CreateBucketCommand({ Bucket: name }));
    const list = async (more: ListBucketsCommandInput) => {
      const page = await server.s3.send(new ListBucketsCommand(more));
      return { names: (page.Buckets ?? []).map(({ Name }) => Name), next: page.ContinuationToken };
    };
    const Prefix = 'listed-';
    expect(await list({ Prefix })).toEqual({ names: names.slice(0, 3), next: undefined });
    const { next, ...first } = await list({ Prefix, MaxBuckets: 2 });
    expect(first.names).toEqual(names.slice(0, 2));
    expect(await list({ Prefix, MaxBuckets: 2, ContinuationToken: next })).toEqual({
      names: names.slice(2, 3),
      next: undefined,
    });
    expect((await list({ Prefix, BucketRegion: 'us-east-1' })).names).toHaveLength(3);
    expect((await list({ Prefix, BucketRegion: 'eu-west-1' })).names).toEqual([]);
    for (const name of names) await server.s3.send(new DeleteBucketCommand({ Bucket: name }));
  });

  it('may be created again, and keep their objects', async () => {
    await put('kept', 'content');
    await server.s3.send(new CreateBucketCommand({ Bucket }));
    expect(await textOf('kept')).toBe('content');
  });

  it('refuse what S3 refuses', async () => {
    await put('one', '1');
    expect(await errorOf(server.s3.send(new DeleteBucketCommand({ Bucket })))).toMatchObject({
      name: 'BucketNotEmpty',
      status: 409,
    });
    const elsewhere = { Bucket, CreateBucketConfiguration: { LocationConstraint: 'eu-west-1' } } as const;
    expect(await errorOf(server.s3.send(new CreateBucketCommand(elsewhere)))).toMatchObject({
      name: 'BucketAlreadyOwnedByYou',
      status: 409,
    });
    for (const name of [
      'No_Capitals',
      'ab',
      'x'.repeat(64),
      'ends-',
      '-begins',
      'two..dots',
      'Upper',
      'uppeR',
    ])
      expect(await errorOf(server.s3.send(new CreateBucketCommand({ Bucket: name })))).toMatchObject({
        name: 'InvalidBucketName',
      });
    expect(
      await errorOf(server.s3.send(new GetObjectCommand({ Bucket: 'nowhere', Key: 'x' }))),
    ).toMatchObject({ name: 'NoSuchBucket', status: 404 });
  });
});

describe('an object', () => {
  it('is returned as stored, with its headers and metadata', async () => {
    const stored = {
      ContentType: 'text/css',
      CacheControl: 'no-store',
      ContentDisposition: 'inline',
      ContentLanguage: 'de',
      ContentEncoding: 'gzip',
    };
    const { ETag } = await put('styled', 'body {}', { ...stored, Metadata: { colour: 'blue' } });
    const answer = await get('styled');
    expect(answer).toMatchObject({ ...stored, ETag, Metadata: { colour: 'blue' }, ContentLength: 7 });
    expect(await answer.Body?.transformToString()).toBe('body {}');
    expect(await server.s3.send(new HeadObjectCommand({ Bucket, Key: 'styled' }))).toMatchObject({
      ...stored,
      ETag,
      ContentLength: 7,
    });
  });

  it.each([
    'with space',
    'a+b',
    '100%',
    'café/日本/🏞️',
    'dots/../still/./here',
    '//double//slash/',
    "q?a&b#c;d='e'(f)!*",
    ' lead and trail ',
  ])('is stored under the key %j and no other', async (key) => {
    await put(key, `content of ${key}`);
    expect(await textOf(key)).toBe(`content of ${key}`);
  });

  it('may be empty, and is replaced by the next one, with its old contents removed', async () => {
    const before = await server.blobs();
    await put('again', 'first');
    await put('again', '');
    expect(await textOf('again')).toBe('');
    expect(await server.blobs()).toBe(before + 1);
    await server.s3.send(new DeleteObjectCommand({ Bucket, Key: 'again' }));
    expect(await server.blobs()).toBe(before);
  });

  it('that is missing gets NoSuchKey, and deleting it is not an error', async () => {
    expect(await errorOf(get('not there'))).toEqual({ name: 'NoSuchKey', status: 404 });
    expect(await errorOf(server.s3.send(new HeadObjectCommand({ Bucket, Key: 'not there' })))).toEqual({
      name: 'NotFound',
      status: 404,
    });
    await server.s3.send(new DeleteObjectCommand({ Bucket, Key: 'not there' }));
  });

  it('has a key of at most 1,024 bytes', async () => {
    await put('é'.repeat(512), 'fits');
    expect(await errorOf(put(`${'é'.repeat(512)}x`, 'does not'))).toMatchObject({
      name: 'KeyTooLongError',
      status: 400,
    });
  });

  it.each([
    ['bytes=0-3', '0123', 'bytes 0-3/10'],
    ['bytes=7-', '789', 'bytes 7-9/10'],
    ['bytes=-2', '89', 'bytes 8-9/10'],
    ['bytes=8-100', '89', 'bytes 8-9/10'],
    ['bytes=0-0', '0', 'bytes 0-0/10'],
    ['bytes=9-9', '9', 'bytes 9-9/10'],
    ['bytes=-100', '0123456789', 'bytes 0-9/10'],
  ])('is read partially with Range %s', async (Range, text, ContentRange) => {
    await put('digits', '0123456789');
    const answer = await get('digits', { Range });
    expect(answer.$metadata.httpStatusCode).toBe(206);
    expect(answer).toMatchObject({ ContentRange, ContentLength: text.length });
    expect(await answer.Body?.transformToString()).toBe(text);
  });

  it.each(['bytes=5-3', 'bytes=-', 'bytes=a-b', 'bytes=0-1,3-4', 'lines=0-3', 'xbytes=0-3', 'bytes=0-3x'])(
    'is read as a whole with the meaningless Range %s',
    async (Range) => {
      await put('digits', '0123456789');
      const answer = await get('digits', { Range });
      expect([answer.$metadata.httpStatusCode, answer.ContentRange]).toEqual([200, undefined]);
      expect(await answer.Body?.transformToString()).toBe('0123456789');
    },
  );

  it.each([
    ['0123456789', 'bytes=10-'],
    ['0123456789', 'bytes=10-20'],
    ['0123456789', 'bytes=-0'],
    ['', 'bytes=0-'],
    ['', 'bytes=-1'],
  ])('%j responds with 416 to the range %s, and with its size', async (text, Range) => {
    await put('digits', text);
    expect(await errorOf(get('digits', { Range }))).toEqual({ name: 'InvalidRange', status: 416 });
    const answer = await fetch(`${server.url}/${Bucket}/digits`, { headers: rawHeaders({ range: Range }) });
    expect(answer.headers.get('content-range')).toBe(`bytes */${text.length}`);
  });

  it('can be read conditionally', async () => {
    const { ETag = '' } = await put('conditional', 'x');
    const [past, future] = [new Date(Date.now() - 1e6), new Date(Date.now() + 1e6)];
    expect(
      await textOf('conditional', {
        IfMatch: ETag,
        IfNoneMatch: '"other"',
        IfModifiedSince: past,
        IfUnmodifiedSince: future,
      }),
    ).toBe('x');
    expect((await errorOf(get('conditional', { IfNoneMatch: ETag }))).status).toBe(304);
    expect((await errorOf(get('conditional', { IfModifiedSince: future }))).status).toBe(304);
    expect(await errorOf(get('conditional', { IfMatch: '"other"' }))).toMatchObject({
      name: 'PreconditionFailed',
      status: 412,
    });
    expect((await errorOf(get('conditional', { IfUnmodifiedSince: past }))).status).toBe(412);
  });

  it('can be read on condition of the second in which it was stored', async () => {
    await put('second', 'x');
    const { LastModified = new Date() } = await get('second');
    expect((await errorOf(get('second', { IfModifiedSince: LastModified }))).status).toBe(304);
    expect(await textOf('second', { IfUnmodifiedSince: LastModified })).toBe('x');
    // A condition on the ETag takes precedence.
    const { ETag } = await get('second');
    expect(await textOf('second', { IfMatch: ETag, IfUnmodifiedSince: new Date(0) })).toBe('x');
    const named = { IfNoneMatch: '"other"', IfModifiedSince: LastModified };
    expect(await textOf('second', named)).toBe('x');
  });

  it('is returned with different headers on request', async () => {
    await put('shown', 'x', { ContentType: 'text/plain' });
    const answer = await get('shown', {
      ResponseContentType: 'text/html',
      ResponseContentDisposition: 'attachment; filename="a.html"',
    });
    expect(answer).toMatchObject({
      ContentType: 'text/html',
      ContentDisposition: 'attachment; filename="a.html"',
    });
  });

  it.each([
    ['text/html', 'sandbox'],
    ['image/svg+xml; charset=utf-8', 'sandbox'],
    ['application/xhtml+xml', 'sandbox'],
    ['', null],
    ['image/webp', null],
    ['text/plain; charset=utf-8', null],
    ['application/pdf', null],
  ])('that a link opens as %j runs no scripts in a browser: %s', async (type, policy) => {
    await put('page', '<script>');
    const query = type === '' ? '' : `?response-content-type=${encodeURIComponent(type)}`;
    for (const method of ['GET', 'HEAD']) {
      const answer = await fetch(`${server.url}/${Bucket}/page${query}`, { method, headers: rawHeaders() });
      await answer.arrayBuffer();
      expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
      // Without a type in the request or the object, it is `binary/octet-stream`, which browsers save.
      expect(answer.headers.get('content-security-policy')).toBe(policy);
    }
  });

  it('has an empty list of tags', async () => {
    await put('untagged', 'x');
    const tagging = (Key: string) => server.s3.send(new GetObjectTaggingCommand({ Bucket, Key }));
    expect((await tagging('untagged')).TagSet).toEqual([]);
    expect(await errorOf(tagging('missing'))).toMatchObject({ name: 'NoSuchKey', status: 404 });
  });

  it('cannot be read by its parts, and shows its checksum only on request', async () => {
    await put('plain', 'x', { ChecksumAlgorithm: 'CRC32' });
    expect(await errorOf(get('plain', { PartNumber: 1 }))).toEqual({ name: 'NotImplemented', status: 501 });
    const answer = await fetch(`${server.url}/${Bucket}/plain`, { headers: rawHeaders() });
    expect(await answer.text()).toBe('x');
    for (const name of ['x-amz-checksum-crc32', 'x-amz-version-id'])
      expect(answer.headers.has(name)).toBe(false);
    const part = await get('plain', { ChecksumMode: 'ENABLED', Range: 'bytes=0-0' });
    expect(part).not.toHaveProperty('ChecksumCRC32');
  });

  it('of a bucket with versions is deleted in one request with others, by version or with a marker', async () => {
    const versioned = 'deleted-versions';
    await server.s3.send(new CreateBucketCommand({ Bucket: versioned }));
    const setVersioning = (Status: 'Enabled' | 'Suspended') =>
      server.s3.send(
        new PutBucketVersioningCommand({ Bucket: versioned, VersioningConfiguration: { Status } }),
      );
    const store = () => server.s3.send(new PutObjectCommand({ Bucket: versioned, Key: 'k', Body: 'x' }));
    await setVersioning('Enabled');
    const { VersionId } = await store();
    const remove = async (version?: string) => {
      const Objects = [{ Key: 'k', VersionId: version }];
      const { Deleted } = await server.s3.send(
        new DeleteObjectsCommand({ Bucket: versioned, Delete: { Objects } }),
      );
      return Deleted;
    };
    const [marked] = (await remove()) ?? [];
    expect(marked).toEqual({ Key: 'k', DeleteMarker: true, DeleteMarkerVersionId: expect.any(String) });
    expect(await remove(VersionId)).toEqual([{ Key: 'k', VersionId }]);
    const id = marked?.DeleteMarkerVersionId;
    expect(await remove(id)).toEqual([
      { Key: 'k', VersionId: id, DeleteMarker: true, DeleteMarkerVersionId: id },
    ]);
    await setVersioning('Suspended');
    expect((await store()).VersionId).toBe('null');
    const { VersionId: shown } = await server.s3.send(new HeadObjectCommand({ Bucket: versioned, Key: 'k' }));
    expect(shown).toBe('null');
  });

  it('is deleted with others in one request, which reports failures', async () => {
    await Promise.all(['d1', 'd2 & <co>', 'd3'].map((key) => put(key, key)));
    const Objects = [
      { Key: 'd1' },
      { Key: 'd2 & <co>' },
      { Key: 'd3', ETag: '"other"' },
      { Key: 'never was' },
    ];
    const answer = await server.s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }));
    expect(answer.Deleted?.map(({ Key }) => Key)).toEqual(['d1', 'd2 & <co>', 'never was']);
    expect(answer.Errors).toMatchObject([{ Key: 'd3', Code: 'PreconditionFailed' }]);
    const quiet = await server.s3.send(
      new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key: 'd3' }], Quiet: true } }),
    );
    expect(quiet.Deleted ?? []).toEqual([]);
    expect((await errorOf(get('d3'))).status).toBe(404);
  });
});

describe('a copy', () => {
  it('has the contents and metadata of its source, and outlives it', async () => {
    await put('source é+', 'text', { ContentType: 'text/plain', Metadata: { a: '1' } });
    const CopySource = `${Bucket}/${encodeURIComponent('source é+')}`;
    await server.s3.send(new CopyObjectCommand({ Bucket, Key: 'copy', CopySource }));
    await server.s3.send(
      new CopyObjectCommand({
        Bucket,
        Key: 'redescribed',
        CopySource,
        MetadataDirective: 'REPLACE',
        ContentType: 'text/html',
      }),
    );
    await server.s3.send(new DeleteObjectCommand({ Bucket, Key: 'source é+' }));
    await server.blobs();
    expect(await get('copy')).toMatchObject({ ContentType: 'text/plain', Metadata: { a: '1' } });
    expect(await get('redescribed')).toMatchObject({ ContentType: 'text/html', Metadata: {} });
    expect(await textOf('copy')).toBe('text');
  });

  it('has the checksum of its source, or the requested one', async () => {
    const sha256 = (text: string) => createHash('sha256').update(text).digest('base64');
    await put('summed', 'text', { ChecksumAlgorithm: 'CRC32' });
    const { ChecksumCRC32 } = await get('summed', { ChecksumMode: 'ENABLED' });
    const copy = async (Key: string, more: object = {}) => {
      const answer = await server.s3.send(
        new CopyObjectCommand({ Bucket, Key, CopySource: `${Bucket}/summed`, ...more }),
      );
      return [answer.CopyObjectResult, await get(Key, { ChecksumMode: 'ENABLED' })];
    };
    const former = { ChecksumCRC32, ChecksumType: 'FULL_OBJECT' };
    expect(ChecksumCRC32).toBeDefined();
    expect(await copy('summed-alike')).toMatchObject([former, former]);
    const asked = { ChecksumSHA256: sha256('text'), ChecksumType: 'FULL_OBJECT' };
    const summed = await copy('summed-anew', { ChecksumAlgorithm: 'SHA256' });
    expect(summed).toMatchObject([asked, asked]);
    for (const each of summed) expect(each).not.toHaveProperty('ChecksumCRC32');
    await put('summed', '');
    expect(await copy('empty', { ChecksumAlgorithm: 'SHA256' })).toMatchObject([
      { ChecksumSHA256: sha256('') },
      { ChecksumSHA256: sha256('') },
    ]);
    expect(await errorOf(copy('md5', { ChecksumAlgorithm: 'MD5' }))).toEqual({
      name: 'NotImplemented',
      status: 501,
    });
  });

  it('can be of a version, and names it', async () => {
    const versioned = 'copied-versions';
    await server.s3.send(new CreateBucketCommand({ Bucket: versioned }));
    const VersioningConfiguration = { Status: 'Enabled' } as const;
    await server.s3.send(new PutBucketVersioningCommand({ Bucket: versioned, VersioningConfiguration }));
    const store = (Body: string) =>
      server.s3.send(new PutObjectCommand({ Bucket: versioned, Key: 'k', Body }));
    const { VersionId: first } = await store('first');
    await store('second');
    const copy = (CopySource: string, Key = 'k') =>
      server.s3.send(new CopyObjectCommand({ Bucket: versioned, Key, CopySource }));
    // Makes an older version the newest.
    const { CopySourceVersionId, VersionId } = await copy(`/${versioned}/k?versionId=${first}`);
    expect(CopySourceVersionId).toBe(first);
    const { Body, VersionId: newest } = await server.s3.send(
      new GetObjectCommand({ Bucket: versioned, Key: 'k' }),
    );
    expect([await Body?.transformToString(), newest]).toEqual(['first', VersionId]);
    expect(await errorOf(copy(`${versioned}/k?versionId=none`))).toMatchObject({ name: 'NoSuchVersion' });
    expect(await errorOf(copy(`${versioned}/k`))).toMatchObject({ name: 'InvalidRequest' });
  });

  it.each(['', 'things', 'things/', '/things', '//key', 'things/%E0%A4'])(
    'whose source is %j is refused',
    async (source) => {
      const answer = await fetch(`${server.url}/${Bucket}/copy-of-nothing`, {
        method: 'PUT',
        headers: rawHeaders({ 'x-amz-copy-source': source }),
      });
      expect([answer.status, (await answer.text()).includes('<Code>InvalidArgument</Code>')]).toEqual([
        400,
        true,
      ]);
    },
  );

  it('may have the key of its source in another bucket, and is described in the response', async () => {
    const { ETag } = await put('same', 'x');
    await server.s3.send(new CreateBucketCommand({ Bucket: 'other-things' }));
    const copy = { Bucket: 'other-things', Key: 'same', CopySource: `${Bucket}/same` };
    const { CopyObjectResult } = await server.s3.send(new CopyObjectCommand(copy));
    expect(CopyObjectResult).toEqual({
      ETag,
      LastModified: expect.any(Date),
      ChecksumCRC32: expect.any(String),
      ChecksumType: 'FULL_OBJECT',
    });
    const odd = { ...copy, MetadataDirective: 'MERGE' as MetadataDirective };
    expect(await errorOf(server.s3.send(new CopyObjectCommand(odd)))).toEqual({
      name: 'InvalidArgument',
      status: 400,
    });
  });

  it('can depend on when its source was stored', async () => {
    await put('dated', 'x');
    const [past, future] = [new Date(Date.now() - 1e6), new Date(Date.now() + 1e6)];
    const copy = (more: object) =>
      server.s3.send(
        new CopyObjectCommand({ Bucket, Key: 'dated-copy', CopySource: `${Bucket}/dated`, ...more }),
      );
    for (const more of [{ CopySourceIfModifiedSince: future }, { CopySourceIfUnmodifiedSince: past }])
      expect((await errorOf(copy(more))).status).toBe(412);
    await copy({ CopySourceIfModifiedSince: past, CopySourceIfUnmodifiedSince: future });
    expect(await textOf('dated-copy')).toBe('x');
  });

  it('can have conditions on its source and its target', async () => {
    const { ETag = '' } = await put('from', 'x');
    const copy = (Key: string, more: object) =>
      server.s3.send(new CopyObjectCommand({ Bucket, Key, CopySource: `${Bucket}/from`, ...more }));
    expect((await errorOf(copy('to', { CopySourceIfMatch: '"other"' }))).status).toBe(412);
    expect((await errorOf(copy('to', { CopySourceIfNoneMatch: ETag }))).status).toBe(412);
    await copy('to', { IfNoneMatch: '*', CopySourceIfMatch: ETag });
    expect((await errorOf(copy('to', { IfNoneMatch: '*' }))).status).toBe(412);
    expect(await errorOf(copy('from', {}))).toMatchObject({ name: 'InvalidRequest', status: 400 });
  });
});

describe('an unsupported feature', () => {
  it.each([
    ['GET', '/things?acl'],
    ['PUT', '/things?replication'],
    ['PUT', '/things/key?tagging'],
    ['POST', '/things/key?select&select-type=2'],
    ['PUT', '/things?encryption'],
  ])('%s %s gets NotImplemented, never a silent 200', async (method, path) => {
    const answer = await fetch(server.url + path, { method, headers: rawHeaders() });
    expect(answer.status).toBe(501);
    expect(await answer.text()).toContain('<Code>NotImplemented</Code>');
  });

  it.each([
    { 'x-amz-acl': 'public-read' },
    { 'x-amz-server-side-encryption': 'aws:kms' },
    { 'x-amz-storage-class': 'GLACIER' },
    { 'x-amz-tagging': 'a=b' },
    { 'x-amz-server-side-encryption-customer-algorithm': 'AES256' },
  ])('a PUT with %j is refused and stores nothing', async (header: Record<string, string>) => {
    const before = await server.blobs();
    const answer = await fetch(`${server.url}/things/refused`, {
      method: 'PUT',
      body: 'x',
      headers: rawHeaders(header),
    });
    expect([answer.status, (await answer.text()).includes('NotImplemented')]).toEqual([501, true]);
    expect(await server.blobs()).toBe(before);
  });

  it('parameters that only state the default are accepted', async () => {
    await put('default', 'x', { ACL: 'private', StorageClass: 'STANDARD', ServerSideEncryption: 'AES256' });
    expect(await textOf('default')).toBe('x');
  });

  it.each([
    ['/things/%E0%A4', 'InvalidURI'],
    ['/things?list-type=2&max-keys=many', 'InvalidArgument'],
    ['/things?list-type=2&continuation-token=***', 'InvalidArgument'],
  ])('the malformed request %s gets %s', async (path, code) => {
    const answer = await fetch(server.url + path, { headers: rawHeaders() });
    expect([answer.status, (await answer.text()).includes(code)]).toEqual([400, true]);
  });

  it.each(['<Delete><Object>', 'not xml', '<Other/>', '<Delete></Delete>'])(
    'the document %j gets MalformedXML',
    async (body) => {
      const answer = await fetch(`${server.url}/things?delete`, {
        method: 'POST',
        body,
        headers: rawHeaders(),
      });
      expect([answer.status, (await answer.text()).includes('MalformedXML')]).toEqual([400, true]);
    },
  );
});
