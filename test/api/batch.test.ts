import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { batchPrefix, newBatchId, uniqueNames } from '../../src/api/batch.ts';
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

describe('names in a batch', () => {
  it.each<[string[], string[]]>([
    [
      ['a.jpg', 'b.jpg'],
      ['a.jpg', 'b.jpg'],
    ],
    [
      ['a.jpg', 'a.jpg', 'a.jpg'],
      ['a.jpg', 'a (2).jpg', 'a (3).jpg'],
    ],
    [
      ['a (2).jpg', 'a.jpg', 'a.jpg', 'a.jpg'],
      ['a (2).jpg', 'a.jpg', 'a (3).jpg', 'a (4).jpg'],
    ],
    [
      ['a.jpg', 'a.jpg', 'a (2).jpg'],
      ['a.jpg', 'a (3).jpg', 'a (2).jpg'],
    ],
    [
      ['b.c/d', 'b.c/d'],
      ['b.c/d', 'b.c/d (2)'],
    ],
    [
      ['a.tar.gz', 'a.tar.gz'],
      ['a.tar.gz', 'a.tar (2).gz'],
    ],
    [
      ['d/.x', 'd/.x'],
      ['d/.x', 'd/ (2).x'],
    ],
    [
      ['$&', '$&'],
      ['$&', '$& (2)'],
    ],
  ])('%j become %j, so that no file replaces another', (names, unique) => {
    expect(uniqueNames(names)).toEqual(unique);
  });
});
