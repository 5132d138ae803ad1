import { describe, expect, it } from 'vitest';
import { asRetryable, failureOf, Rejected, Retryable, UnreportedRejection } from '../../src/core/errors.ts';

describe.each([
  ['Rejected', Rejected],
  ['Retryable', Retryable],
] as const)('%s', (name, OutcomeError) => {
  it('carries its code, its text and its name', () => {
    const error = new OutcomeError('storage.unavailable', 'S3 is away');
    expect(error).toMatchObject({ code: 'storage.unavailable', message: 'S3 is away', name });
    expect(String(error)).toBe(`${name}: S3 is away`);
  });

  it('carries its cause, if any', () => {
    const cause = new Error('socket hang up');
    expect(new OutcomeError('storage.unavailable', 'S3 is away', { cause }).cause).toBe(cause);
    expect(new OutcomeError('storage.unavailable', 'S3 is away')).not.toHaveProperty('cause');
  });
});

const failure = new Retryable('storage.unavailable', 'S3 is away');
const source = { etag: 'e', lastModified: '2026-01-01T00:00:00.000Z' };

describe('UnreportedRejection', () => {
  const rejection = new Rejected('image.corrupt', 'cut off');

  it('is retried for the error that kept it from being reported, and keeps the rejection', () => {
    const unreported = new UnreportedRejection(rejection, source, failure);
    expect(unreported).toBeInstanceOf(Retryable);
    expect(unreported).toMatchObject({
      code: 'storage.unavailable',
      message: 'S3 is away',
      rejection,
      source,
    });
    expect(unreported.cause).toBe(failure);
  });
});

describe('why an attempt failed', () => {
  const bug = new TypeError('a bug');

  it('is the error itself, or that nobody expected it', () => {
    expect(asRetryable(failure)).toBe(failure);
    expect(asRetryable(bug)).toMatchObject({
      code: 'internal.unexpected',
      message: 'unexpected: TypeError: a bug',
      cause: bug,
    });
  });

  it('names the upload, and leaves the error as it is', () => {
    expect(failureOf(source, failure)).toMatchObject({
      code: 'storage.unavailable',
      message: 'S3 is away',
      source,
      cause: failure,
    });
    expect(failureOf(source, bug)).toMatchObject({ code: 'internal.unexpected', source, cause: bug });
    expect(failure.source).toBeUndefined();
  });
});
