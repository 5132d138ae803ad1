import { Readable } from 'node:stream';
import {
  S3Client,
  S3ServiceException,
  type DeleteObjectRequest,
  type HeadObjectRequest,
  type PutObjectRequest,
} from '@aws-sdk/client-s3';
import { beforeEach, describe, expect, it } from 'vitest';
import { Retryable } from '../../src/core/errors.ts';
import { createStorage, type Storage } from '../../src/worker/storage.ts';
import { answering } from '../support/answering.ts';

let storage: Storage;
let asked: object[];
let answer: () => unknown;

beforeEach(() => {
  asked = [];
  answer = () => ({});
  const s3 = new S3Client({ region: 'us-east-1', credentials: { accessKeyId: 'x', secretAccessKey: 'x' } });
  const ask = (input: HeadObjectRequest | PutObjectRequest | DeleteObjectRequest) => {
    asked.push(input);
    return answer();
  };
  answering(s3, {
    HeadObjectCommand: ask,
    GetObjectCommand: ask,
    PutObjectCommand: ask,
    DeleteObjectCommand: ask,
  });
  storage = createStorage(s3);
});

const s3Error = (httpStatusCode: number, name = 'SomeError') =>
  new S3ServiceException({ name, $fault: 'server', $metadata: { httpStatusCode }, message: 'no luck' });
const fails = (error: unknown) => {
  answer = () => {
    throw error;
  };
};
const thrown = (run: () => Promise<unknown>) =>
  run().then(
    () => {
      throw new Error('expected a failure');
    },
    (error: unknown) => error,
  );

const OBJECT = { body: 'bytes', contentType: 'image/webp', metadata: { stamp: 's' } };
const CALLS: [string, () => Promise<unknown>][] = [
  ['looked at', () => storage.head('b', 'k')],
  ['opened', () => storage.open('b', 'k')],
  ['stored', () => storage.putIf('absent', 'b', 'k', OBJECT)],
  ['deleted', () => storage.deleteIf('"e"', 'b', 'k')],
];

describe.each(CALLS)('an object that cannot be %s', (_what, run) => {
  it('reports if S3 refuses', async () => {
    fails(s3Error(403, 'AccessDenied'));
    const error = await thrown(run);
    expect(error).toBeInstanceOf(Retryable);
    expect(error).toMatchObject({ code: 'storage.denied' });
    expect((error as Error).message).toMatch(/AccessDenied.*no luck/);
  });

  it.each([s3Error(500), s3Error(503), s3Error(404, 'NoSuchBucket'), new Error('no luck'), 'no luck'])(
    'is tried again later after %s',
    async (failure) => {
      fails(failure);
      const error = await thrown(run);
      expect(error).toBeInstanceOf(Retryable);
      expect(error).toMatchObject({ code: 'storage.unavailable', cause: failure });
      expect((error as Error).message).toContain('no luck');
    },
  );
});

describe('an object', () => {
  const found = {
    ETag: '"e1"',
    VersionId: 'v1',
    LastModified: new Date(1_700_000_000_000),
    Metadata: { stamp: 's' },
    ContentLength: 7,
  };

  it('is identified by its ETag, version and time', async () => {
    answer = () => found;
    expect(await storage.head('b', 'k')).toEqual({
      identity: { etag: '"e1"', versionId: 'v1', lastModified: '2023-11-14T22:13:20.000Z' },
      metadata: { stamp: 's' },
      bytes: 7,
    });
    expect(asked).toEqual([{ Bucket: 'b', Key: 'k' }]);
  });

  it.each([undefined, '', 'null'])('has no version if S3 returns %j', async (VersionId) => {
    answer = () => ({ ...found, VersionId });
    expect((await storage.head('b', 'k'))?.identity).not.toHaveProperty('versionId');
  });

  it('may have no metadata, and is empty without a length', async () => {
    expect(await storage.head('b', 'k')).toEqual({
      identity: { etag: '', lastModified: '' },
      metadata: {},
      bytes: 0,
    });
  });

  it('that does not exist is not a failure', async () => {
    fails(s3Error(404, 'NotFound'));
    expect(await storage.head('b', 'k')).toBeUndefined();
    fails(s3Error(404, 'NoSuchKey'));
    expect(await storage.open('b', 'k')).toBeUndefined();
  });
});

describe('an opened object', () => {
  it('without a body is tried again later', async () => {
    expect(await thrown(() => storage.open('b', 'k'))).toMatchObject({
      code: 'storage.unavailable',
      message: 'S3 answered without a body',
    });
    expect(asked).toEqual([{ Bucket: 'b', Key: 'k' }]);
  });

  it('is read completely, and tried again later if its body is cut off', async () => {
    const broken = new Error('socket hang up');
    const arriving = (last: () => Uint8Array) =>
      Readable.from(
        (function* () {
          yield new Uint8Array([1, 2]);
          yield last();
        })(),
      );
    let Body = arriving(() => new Uint8Array([3]));
    answer = () => ({ Body, ContentLength: 3 });
    expect(await (await storage.open('b', 'k'))?.read()).toEqual(Buffer.from([1, 2, 3]));
    Body = arriving(() => {
      throw broken;
    });
    const opened = await storage.open('b', 'k');
    expect(await thrown(async () => opened?.read())).toMatchObject({
      code: 'storage.unavailable',
      cause: broken,
    });
  });

  it.each([2, 4])('is tried again later if it has 3 bytes instead of %s', async (ContentLength) => {
    answer = () => ({ Body: Readable.from([Buffer.from([1]), Buffer.from([2, 3])]), ContentLength });
    const opened = await storage.open('b', 'k');
    expect(await thrown(async () => opened?.read())).toMatchObject({
      code: 'storage.unavailable',
      message: `S3 failed: Error: the body has 3 bytes instead of ${ContentLength}`,
    });
  });

  it('releases its connection when it is discarded', async () => {
    const Body = Readable.from(['bytes']);
    answer = () => ({ Body, ContentLength: 5 });
    const opened = await storage.open('b', 'k');
    expect(opened?.bytes).toBe(5);
    opened?.discard();
    expect(Body.destroyed).toBe(true);
  });
});

describe('a conditional write', () => {
  it('depends on the ETag that was read, or on there being no object', async () => {
    answer = () => ({ ETag: '"new"' });
    const object = {
      Bucket: 'b',
      Key: 'k',
      Body: 'bytes',
      ContentType: 'image/webp',
      Metadata: { stamp: 's' },
    };
    expect(await storage.putIf('absent', 'b', 'k', OBJECT)).toEqual({ etag: '"new"' });
    expect(await storage.putIf({ etag: '"old"' }, 'b', 'k', OBJECT)).toEqual({ etag: '"new"' });
    expect(asked).toEqual([
      { ...object, IfNoneMatch: '*' },
      { ...object, IfMatch: '"old"' },
    ]);
  });

  it.each([
    ['the key has another object', s3Error(412, 'PreconditionFailed')],
    ['another write is in progress', s3Error(409, 'ConditionalRequestConflict')],
    ['the named object is gone', s3Error(404, 'NoSuchKey')],
  ])('is lost if %s', async (_why, failure) => {
    fails(failure);
    expect(await storage.putIf({ etag: '"e"' }, 'b', 'k', OBJECT)).toBe('lost');
    // A late delete has nothing left to do.
    await storage.deleteIf('"e"', 'b', 'k');
    expect(asked.at(-1)).toEqual({ Bucket: 'b', Key: 'k', IfMatch: '"e"' });
  });
});
