import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { batchPrefix, newBatchId } from '../../src/api/batch.ts';
import { batchId } from '../../src/contract/fields.ts';

describe('the id of a batch', () => {
  it('begins with its date, and cannot be guessed', () => {
    const ids = Array.from({ length: 100 }, () => newBatchId(new Date('2026-11-28T23:59:59Z')));
    for (const id of ids) expect(batchId.parse(id).startsWith('20261128-')).toBe(true);
    expect(new Set(ids).size).toBe(100);
    vi.useFakeTimers({ toFake: ['Date'], now: new Date('2027-01-02T00:00:00Z') });
    onTestFinished(() => void vi.useRealTimers());
    expect(newBatchId().startsWith('20270102-')).toBe(true);
  });

  it('is a prefix of its keys, with a slash', () => {
    expect(batchPrefix('20261128-0')).toBe('batches/20261128-0/');
  });
});
