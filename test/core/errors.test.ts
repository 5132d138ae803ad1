import { describe, expect, it } from 'vitest';
import { Rejected, Retryable, Untold } from '../../src/core/errors.ts';

describe.each([
  ['Rejected', Rejected],
  ['Retryable', Retryable],
] as const)('%s', (name, OutcomeError) => {
  it('carries its code, its text and its name', () => {
    const error = new OutcomeError('storage.unavailable', 'S3 is away');
    expect(error).toMatchObject({ code: 'storage.unavailable', message: 'S3 is away', name, context: {} });
    expect(String(error)).toBe(`${name}: S3 is away`);
  });

  it('carries its cause and its context for the logs, and no cause where there is none', () => {
    const cause = new Error('socket hang up');
    const error = new OutcomeError('storage.unavailable', 'S3 is away', { cause, context: { bucket: 'b' } });
    expect(error.cause).toBe(cause);
    expect(error.context).toEqual({ bucket: 'b' });
    expect(new OutcomeError('storage.unavailable', 'S3 is away')).not.toHaveProperty('cause');
  });
});

describe('Untold', () => {
  const rejection = new Rejected('image.corrupt', 'cut off');
  const failure = new Retryable('storage.unavailable', 'S3 is away');
  const source = { etag: 'e', lastModified: '2026-01-01T00:00:00.000Z' };

  it('is tried again for what kept it from being told, and remembers the rejection', () => {
    const untold = new Untold(rejection, source, failure);
    expect(untold).toBeInstanceOf(Retryable);
    expect(untold).toMatchObject({ code: 'storage.unavailable', message: 'S3 is away', rejection, source });
    expect(untold.cause).toBe(failure);
  });
});
