import { createHash, randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteBucketCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
  PutObjectCommand,
  UploadPartCommand,
  UploadPartCopyCommand,
  type ChecksumAlgorithm,
  type CompleteMultipartUploadCommandInput,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startChecksum } from '../../src/s3/checksums.ts';
import { CHECKSUM_ALGORITHMS } from '../../src/s3/version.ts';
import { errorOf, rawHeaders, startS3, type TestS3 } from './server.ts';

let server: TestS3;
const Bucket = 'uploads';
beforeAll(async () => {
  server = await startS3();
  await server.s3.send(new CreateBucketCommand({ Bucket }));
});
afterAll(() => server.stop());

const MIB = 1024 * 1024;
const bytesOf = async (Key: string, Range?: string) =>
  Buffer.from(
    (await (
      await server.s3.send(new GetObjectCommand({ Bucket, Key, Range }))
    ).Body?.transformToByteArray()) ?? [],
  );
const begin = async (Key: string) =>
  (
    await server.s3.send(
      new CreateMultipartUploadCommand({ Bucket, Key, ContentType: 'text/x', Metadata: { a: '1' } }),
    )
  ).UploadId;
const part = async (Key: string, UploadId: string | undefined, PartNumber: number, Body: Buffer) => ({
  PartNumber,
  ETag: (await server.s3.send(new UploadPartCommand({ Bucket, Key, UploadId, PartNumber, Body }))).ETag,
});
const complete = (
  Key: string,
  UploadId: string | undefined,
  Parts: object[],
  more: Partial<CompleteMultipartUploadCommandInput> = {},
) =>
  server.s3.send(
    new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts }, ...more }),
  );

describe('a multipart upload', () => {
  it('concatenates its parts in order, whatever order they arrived in, and can be read across their boundaries', async () => {
    const [a, b] = [randomBytes(5 * MIB), randomBytes(1000)];
    const id = await begin('joined');
    const second = await part('joined', id, 7, b);
    await part('joined', id, 2, randomBytes(10));
    const first = await part('joined', id, 2, a);
    const { ETag } = await complete('joined', id, [first, second]);
    const md5 = (bytes: Buffer) => createHash('md5').update(bytes).digest();
    expect(ETag).toBe(`"${md5(Buffer.concat([md5(a), md5(b)])).toString('hex')}-2"`);
    expect((await bytesOf('joined')).equals(Buffer.concat([a, b]))).toBe(true);
    expect(await bytesOf('joined', `bytes=${5 * MIB - 3}-${5 * MIB + 2}`)).toEqual(
      Buffer.concat([a.subarray(-3), b.subarray(0, 3)]),
    );
    expect(await server.s3.send(new HeadObjectCommand({ Bucket, Key: 'joined' }))).toMatchObject({
      ContentType: 'text/x',
      Metadata: { a: '1' },
    });
  });

  it('refuses unknown, out-of-order or too small parts', async () => {
    const id = await begin('refused');
    const small = await part('refused', id, 1, Buffer.from('small'));
    const last = await part('refused', id, 2, Buffer.from('last'));
    expect(await errorOf(complete('refused', id, [last, small]))).toMatchObject({ name: 'InvalidPartOrder' });
    expect(await errorOf(complete('refused', id, [{ ...small, ETag: '"0"' }]))).toMatchObject({
      name: 'InvalidPart',
    });
    expect(await errorOf(complete('refused', id, [{ PartNumber: 9, ETag: small.ETag }]))).toMatchObject({
      name: 'InvalidPart',
    });
    expect(await errorOf(complete('refused', id, [small, last]))).toMatchObject({ name: 'EntityTooSmall' });
    expect(await errorOf(part('refused', id, 10_001, Buffer.from('x')))).toMatchObject({
      name: 'InvalidArgument',
    });
  });

  it('refuses a part that is listed twice', async () => {
    const id = await begin('twice');
    const only = await part('twice', id, 1, randomBytes(5 * MIB));
    expect(await errorOf(complete('twice', id, [only, only]))).toMatchObject({ name: 'InvalidPartOrder' });
  });

  it('is known only by its own key and bucket, and outlives the deletion of another bucket', async () => {
    const id = await begin('mine');
    const elsewhere = 'without-uploads';
    await server.s3.send(new CreateBucketCommand({ Bucket: elsewhere }));
    const list = (more: object) =>
      server.s3.send(new ListPartsCommand({ Bucket, Key: 'mine', UploadId: id, ...more }));
    for (const more of [{ Key: 'other' }, { Bucket: elsewhere }])
      expect(await errorOf(list(more))).toEqual({ name: 'NoSuchUpload', status: 404 });
    await server.s3.send(new DeleteBucketCommand({ Bucket: elsewhere }));
    expect((await list({})).UploadId).toBe(id);
  });

  it('has a hash of the hashes of its parts, if all have one', async () => {
    const bodies = [randomBytes(5 * MIB), Buffer.from('last')];
    const send = async (Key: string, algorithms: ChecksumAlgorithm[]) => {
      const id = await begin(Key);
      const parts = [];
      for (const [index, Body] of bodies.entries()) {
        const more = { UploadId: id, PartNumber: index + 1, ChecksumAlgorithm: algorithms[index] };
        const { ETag } = await server.s3.send(new UploadPartCommand({ Bucket, Key, Body, ...more }));
        parts.push({ PartNumber: index + 1, ETag });
      }
      await complete(Key, id, parts);
      return server.s3.send(new HeadObjectCommand({ Bucket, Key, ChecksumMode: 'ENABLED' }));
    };
    for (const [algorithm, name] of [
      ['SHA256', 'ChecksumSHA256'],
      ['SHA1', 'ChecksumSHA1'],
    ] as const) {
      const hash = (bytes: Buffer) => createHash(algorithm).update(bytes).digest();
      expect(await send(`composite ${name}`, [algorithm, algorithm])).toMatchObject({
        [name]: `${hash(Buffer.concat(bodies.map(hash))).toString('base64')}-2`,
        ChecksumType: 'COMPOSITE',
      });
    }
    const copy = new CopyObjectCommand({
      Bucket,
      Key: 'whole',
      CopySource: `${Bucket}/${encodeURIComponent('composite ChecksumSHA256')}`,
      ChecksumAlgorithm: 'SHA256',
    });
    expect((await server.s3.send(copy)).CopyObjectResult).toMatchObject({
      ChecksumSHA256: createHash('sha256').update(Buffer.concat(bodies)).digest('base64'),
      ChecksumType: 'FULL_OBJECT',
    });
    expect(await send('mixed', ['SHA256', 'SHA1'])).not.toHaveProperty('ChecksumType');
    expect(await send('cyclic', ['CRC32', 'CRC32'])).not.toHaveProperty('ChecksumType');
  });

  it('is completed only at the size that its client expects, and stays open until then', async () => {
    const id = await begin('sized');
    const only = await part('sized', id, 1, Buffer.from('seven b'));
    for (const MpuObjectSize of [0, 6, 8, -7])
      expect(await errorOf(complete('sized', id, [only], { MpuObjectSize }))).toEqual({
        name: 'InvalidRequest',
        status: 400,
      });
    expect(await errorOf(bytesOf('sized'))).toMatchObject({ name: 'NoSuchKey' });
    await complete('sized', id, [only], { MpuObjectSize: 7 });
    expect((await bytesOf('sized')).toString()).toBe('seven b');
  });

  it('can be completed again, because clients repeat a request whose response was lost', async () => {
    const Key = 'repeated';
    const id = await begin(Key);
    const parts = [await part(Key, id, 1, randomBytes(5 * MIB)), await part(Key, id, 2, Buffer.from('last'))];
    const { ETag } = await complete(Key, id, parts);
    const stored = await server.s3.send(new HeadObjectCommand({ Bucket, Key }));
    server.advance(2000);
    expect(await complete(Key, id, parts)).toMatchObject({ Bucket, Key, ETag });
    expect(await complete(Key, id, parts, { IfNoneMatch: '*' })).toMatchObject({ ETag });
    expect((await server.s3.send(new HeadObjectCommand({ Bucket, Key }))).LastModified).toEqual(
      stored.LastModified,
    );
    const unknown = { name: 'NoSuchUpload', status: 404 };
    expect(await errorOf(complete(Key, id, parts.slice(0, 1)))).toEqual(unknown);
    expect(await errorOf(complete('other', id, parts))).toEqual(unknown);
    expect(await errorOf(part(Key, id, 1, Buffer.from('x')))).toEqual(unknown);
  });

  it('is listed while in progress, and leaves nothing behind when aborted', async () => {
    const before = await server.blobs();
    const id = await begin('aborted');
    for (const number of [3, 1, 2]) await part('aborted', id, number, Buffer.from(String(number)));
    const page = await server.s3.send(
      new ListPartsCommand({ Bucket, Key: 'aborted', UploadId: id, MaxParts: 2 }),
    );
    expect([page.IsTruncated, page.Parts?.map(({ PartNumber }) => PartNumber)]).toEqual([true, [1, 2]]);
    const rest = await server.s3.send(
      new ListPartsCommand({
        Bucket,
        Key: 'aborted',
        UploadId: id,
        PartNumberMarker: page.NextPartNumberMarker,
      }),
    );
    expect([rest.IsTruncated, rest.Parts?.map(({ PartNumber, Size }) => [PartNumber, Size])]).toEqual([
      false,
      [[3, 1]],
    ]);
    const none = await server.s3.send(
      new ListPartsCommand({ Bucket, Key: 'aborted', UploadId: id, MaxParts: 0 }),
    );
    expect([none.IsTruncated, none.Parts ?? []]).toEqual([false, []]);
    const { Uploads = [] } = await server.s3.send(
      new ListMultipartUploadsCommand({ Bucket, Prefix: 'abort' }),
    );
    expect(Uploads.map(({ Key, UploadId }) => [Key, UploadId])).toEqual([['aborted', id]]);
    await server.s3.send(new AbortMultipartUploadCommand({ Bucket, Key: 'aborted', UploadId: id }));
    expect(await server.blobs()).toBe(before);
    expect(await errorOf(part('aborted', id, 1, Buffer.from('x')))).toEqual({
      name: 'NoSuchUpload',
      status: 404,
    });
  });

  it('can copy a range from another object, but only one that is completely within it', async () => {
    await server.s3.send(new PutObjectCommand({ Bucket, Key: 'digits', Body: '0123456789' }));
    const id = await begin('copied');
    const copy = (CopySourceRange: string) =>
      server.s3.send(
        new UploadPartCopyCommand({
          Bucket,
          Key: 'copied',
          UploadId: id,
          PartNumber: 1,
          CopySource: `${Bucket}/digits`,
          CopySourceRange,
        }),
      );
    for (const range of ['bytes=0-10', 'bytes=5-2', 'bytes=5-', 'bytes=-5', 'lines=1-2', 'bytes=0-1,4-5'])
      expect(await errorOf(copy(range)), range).toEqual({ name: 'InvalidArgument', status: 400 });
    const { CopyPartResult } = await copy('bytes=7-9');
    await complete('copied', id, [{ PartNumber: 1, ETag: CopyPartResult?.ETag }]);
    expect((await bytesOf('copied')).toString()).toBe('789');
  });
});

describe('a digest', () => {
  it('in Content-MD5 must match the contents', async () => {
    const put = (ContentMD5: string) =>
      server.s3.send(new PutObjectCommand({ Bucket, Key: 'md5', Body: 'content', ContentMD5 }));
    await put(createHash('md5').update('content').digest('base64'));
    expect(await errorOf(put(createHash('md5').update('other').digest('base64')))).toMatchObject({
      name: 'BadDigest',
      status: 400,
    });
    expect(await errorOf(put('nonsense'))).toMatchObject({ name: 'InvalidDigest' });
  });

  it.each(CHECKSUM_ALGORITHMS)(
    '%s is computed as in the SDK, stored, and returned on request',
    async (algorithm) => {
      const running = startChecksum(algorithm);
      running.update(Buffer.from('content'));
      const value = await running.digest();
      await server.s3.send(
        new PutObjectCommand({
          Bucket,
          Key: algorithm,
          Body: 'content',
          ChecksumAlgorithm: algorithm,
        }),
      );
      const answer = await server.s3.send(
        new GetObjectCommand({ Bucket, Key: algorithm, ChecksumMode: 'ENABLED' }),
      );
      expect(Object.values(answer)).toContain(value);
      expect(await answer.Body?.transformToString()).toBe('content');
      const name = `x-amz-checksum-${algorithm.toLowerCase()}`;
      const wrong = await fetch(`${server.url}/${Bucket}/wrong`, {
        method: 'PUT',
        body: 'other',
        headers: rawHeaders({ [name]: value }),
      });
      expect([wrong.status, (await wrong.text()).includes('BadDigest')]).toEqual([400, true]);
      expect((await fetch(`${server.url}/${Bucket}/wrong`, { headers: rawHeaders() })).status).toBe(404);
    },
  );
});

describe('an aws-chunked body', () => {
  const chunked = (text: string, trailer: string) =>
    `${text.length.toString(16)};chunk-signature=${'0'.repeat(64)}\r\n${text}\r\n0;chunk-signature=${'0'.repeat(64)}\r\n${trailer}\r\n`;
  const headers = (extra: Record<string, string> = {}) =>
    rawHeaders({
      'content-encoding': 'aws-chunked',
      'x-amz-content-sha256': 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER',
      'x-amz-decoded-content-length': '12',
      ...extra,
    });
  const CRC32 = 'ooauNg==';

  /** Sends a body in chunks of this many bytes. */
  function send(key: string, body: string, piece: number, extra?: Record<string, string>): Promise<number> {
    const stream = Readable.from(
      (function* () {
        for (let at = 0; at < body.length; at += piece)
          yield Buffer.from(body.slice(at, at + piece), 'latin1');
      })(),
    );
    const init = { method: 'PUT', body: stream, headers: headers(extra), duplex: 'half' };
    return fetch(`${server.url}/${Bucket}/${key}`, init as unknown as RequestInit).then(
      ({ status }) => status,
    );
  }

  it.each([1, 2, 3, 5, 7, 1000])(
    'is decoded from chunks of %i bytes, and its trailer is checked',
    async (piece) => {
      const running = startChecksum('CRC32');
      running.update(Buffer.from('hello, world'));
      const crc = await running.digest();
      const trailing = { 'x-amz-trailer': 'x-amz-checksum-crc32' };
      expect(
        await send('chunked', chunked('hello, world', `x-amz-checksum-crc32:${crc}\r\n`), piece, trailing),
      ).toBe(200);
      const answer = await server.s3.send(new GetObjectCommand({ Bucket, Key: 'chunked' }));
      expect([await answer.Body?.transformToString(), answer.ContentEncoding]).toEqual([
        'hello, world',
        undefined,
      ]);
      expect(
        await send(
          'unchecked',
          chunked('hello, world', `x-amz-checksum-crc32:${CRC32}\r\n`),
          piece,
          trailing,
        ),
      ).toBe(400);
      expect(await send('untrailed', chunked('hello, world', ''), piece, trailing)).toBe(400);
      expect(await send('longer', chunked('hello, world!', ''), piece)).toBe(400);
    },
  );

  it.each(['zz\r\nhello', '5\r\nhelloX', '5\r\nhel', '', 'hello'])(
    'framed as %j is refused and stores nothing',
    async (body) => {
      const before = await server.blobs();
      expect(await send('broken', body, 1000)).toBe(400);
      expect(await server.blobs()).toBe(before);
    },
  );

  it('is what the SDK sends for a stream', async () => {
    const bytes = randomBytes(300_000);
    await server.s3.send(
      new PutObjectCommand({
        Bucket,
        Key: 'stream',
        Body: Readable.from([bytes.subarray(0, 1), bytes.subarray(1)]),
        ContentLength: bytes.byteLength,
      }),
    );
    expect((await bytesOf('stream')).equals(bytes)).toBe(true);
  });
});
