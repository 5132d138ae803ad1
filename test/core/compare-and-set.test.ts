import {
  S3Client,
  S3ServiceException,
  type DeleteObjectRequest,
  type PutObjectRequest,
} from '@aws-sdk/client-s3';
import { beforeEach, describe, expect, it } from 'vitest';
import { deleteIf, putIf, statusOf } from '../../src/core/compare-and-set.ts';
import { answering } from '../support/answering.ts';

let s3: S3Client;
let asked: object[];
let answer: () => unknown;

beforeEach(() => {
  asked = [];
  answer = () => ({ ETag: '"new"' });
  s3 = new S3Client({ region: 'us-east-1', credentials: { accessKeyId: 'x', secretAccessKey: 'x' } });
  const ask = (input: PutObjectRequest | DeleteObjectRequest) => {
    asked.push(input);
    return answer();
  };
  answering(s3, { PutObjectCommand: ask, DeleteObjectCommand: ask });
});

const refusal = (httpStatusCode: number, name: string) =>
  new S3ServiceException({ name, $fault: 'client', $metadata: { httpStatusCode }, message: 'no' });
const fails = (error: unknown) => {
  answer = () => {
    throw error;
  };
};
const OBJECT = { Bucket: 'b', Key: 'k', Body: 'bytes' };

describe('a conditional write', () => {
  it('states the ETag that was read, or that there was no object, and returns the new ETag', async () => {
    expect(await putIf(s3, 'absent', OBJECT)).toEqual({ etag: '"new"' });
    expect(await putIf(s3, { etag: '"old"' }, OBJECT)).toEqual({ etag: '"new"' });
    expect(asked).toEqual([
      { ...OBJECT, IfNoneMatch: '*' },
      { ...OBJECT, IfMatch: '"old"' },
    ]);
  });

  it('has an empty ETag if S3 returns none', async () => {
    answer = () => ({});
    expect(await putIf(s3, 'absent', OBJECT)).toEqual({ etag: '' });
  });

  it.each([
    refusal(412, 'PreconditionFailed'),
    refusal(409, 'ConditionalRequestConflict'),
    refusal(404, 'NoSuchKey'),
  ])('is lost by %s', async (lost) => {
    fails(lost);
    expect(await putIf(s3, { etag: '"old"' }, OBJECT)).toEqual({ lost });
  });
});

describe('a conditional delete', () => {
  it('states the ETag that was read', async () => {
    expect(await deleteIf(s3, '"old"', 'b', 'k')).toBe(true);
    expect(asked).toEqual([{ Bucket: 'b', Key: 'k', IfMatch: '"old"' }]);
  });

  it.each([
    ['succeeds if nothing is left', refusal(404, 'NoSuchKey'), true],
    ['fails if there is another object', refusal(412, 'PreconditionFailed'), false],
    ['fails during another write', refusal(409, 'ConditionalRequestConflict'), false],
  ])('%s', async (_what, error, gone) => {
    fails(error);
    expect(await deleteIf(s3, '"old"', 'b', 'k')).toBe(gone);
  });
});

it.each([
  refusal(403, 'AccessDenied'),
  refusal(404, 'NoSuchBucket'),
  refusal(500, 'InternalError'),
  Object.assign(new Error('not from S3'), { $metadata: { httpStatusCode: 412 } }),
])('neither hides %s', async (error) => {
  fails(error);
  await expect(putIf(s3, 'absent', OBJECT)).rejects.toBe(error);
  await expect(deleteIf(s3, '"old"', 'b', 'k')).rejects.toBe(error);
});

it('only an S3 response has a status', () => {
  expect(statusOf(refusal(412, 'PreconditionFailed'))).toBe(412);
  expect(statusOf(Object.assign(new Error(), { $metadata: { httpStatusCode: 412 } }))).toBeUndefined();
});
