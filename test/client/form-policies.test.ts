import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Client } from '../../src/client/client.ts';
import { createFormPolicies } from '../../src/client/form-policies.ts';
import type { UploadAnswer } from '../../src/contract/types.ts';

const NOW = Date.parse('2026-01-01T00:00:00Z');
const FILE = { name: 'a.jpg', type: 'image/jpeg', size: 7, open: () => new Blob([]) };

beforeEach(() => {
  vi.useFakeTimers({ now: NOW, toFake: ['Date', 'performance'] });
});
afterEach(() => vi.useRealTimers());

const policy = (seconds: number, batch = 'b') =>
  ({ batch, expiresAt: new Date(Date.now() + seconds * 1000).toISOString() }) as UploadAnswer;

/** Policies of an API that signs for an hour. */
function policiesOf(answer: () => Promise<UploadAnswer> = async () => policy(3600)) {
  const asked: object[] = [];
  const createUploads = (request: object) => {
    asked.push(request);
    return answer();
  };
  return { policies: createFormPolicies({ createUploads } as unknown as Client), asked };
}

describe("a batch's policy", () => {
  it('is the one that signed the file, until it expires within two minutes', async () => {
    const { policies, asked } = policiesOf();
    const signed = policy(121);
    expect(await policies.current(signed, FILE)).toBe(signed);
    vi.advanceTimersByTime(1000);
    expect(await policies.current(signed, FILE)).not.toBe(signed);
    expect(asked).toEqual([{ batch: 'b', files: [{ name: 'a.jpg', size: 7 }] }]);
  });

  it('is renewed once for all files, and again when that has expired', async () => {
    const { policies, asked } = policiesOf();
    const old = policy(0);
    const [first, second] = await Promise.all([policies.current(old, FILE), policies.current(old, FILE)]);
    expect(first).toBe(second);
    expect(await policies.current(policy(0), FILE)).toBe(first);
    expect(asked).toHaveLength(1);
    vi.advanceTimersByTime(3600_000);
    expect(await policies.current(old, FILE)).not.toBe(first);
    expect(asked).toHaveLength(2);
  });

  it('is requested again after the API failed', async () => {
    let tries = 0;
    const { policies } = policiesOf(async () => {
      tries += 1;
      if (tries === 1) throw new Error('no answer');
      return policy(3600);
    });
    await expect(policies.current(policy(0), FILE)).rejects.toThrow('no answer');
    expect(await policies.current(policy(0), FILE)).toMatchObject({ batch: 'b' });
  });

  it('that S3 refuses when it is new would be refused again', async () => {
    const { policies } = policiesOf();
    vi.advanceTimersByTime(100_000);
    const signed = policy(3600);
    policies.note(signed);
    vi.advanceTimersByTime(59_999);
    expect(policies.refused(signed)).toBe(false);
    expect(await policies.current(signed, FILE)).toBe(signed);
  });

  it('that S3 refuses a minute later has expired by its clock, and is renewed', async () => {
    const { policies } = policiesOf();
    const signed = policy(3600);
    policies.note(signed);
    vi.advanceTimersByTime(60_000);
    expect(policies.refused(signed)).toBe(true);
    const renewed = await policies.current(signed, FILE);
    expect(renewed).not.toBe(signed);
    vi.advanceTimersByTime(59_999);
    expect(policies.refused(renewed)).toBe(false);
    vi.advanceTimersByTime(1);
    expect(policies.refused(renewed)).toBe(true);
    expect(await policies.current(signed, FILE)).not.toBe(renewed);
  });
});
