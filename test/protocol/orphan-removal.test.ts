import { describe, expect, it } from 'vitest';
import { explore } from './explore.ts';
import { CHOSEN, modelOf, type Bounds, type Removing } from './orphan-removal.ts';
import { takesLong } from '../support/takes-long.ts';

takesLong();

const BOUNDS: Bounds = {
  uploads: 'XYX',
  deletions: 2,
  undeletions: 1,
  workers: 2,
  duplicates: 1,
  removals: 2,
  versioned: true,
};

describe('the removal of orphans, in every order of steps', () => {
  it.each([
    ['with versions', true],
    ['without versions', false],
  ])('never harms a restored upload, %s', (_what, versioned) => {
    // Without versions, deletions cannot be undone.
    const undeletions = versioned ? 1 : 0;
    const { states, violation } = explore(modelOf(CHOSEN, { ...BOUNDS, versioned, undeletions }));
    expect(violation).toBeUndefined();
    expect(states).toBeGreaterThan(25_000);
  });

  it('leaves no upload without its result if results have no stamp', () => {
    const removing = { ...CHOSEN, stamped: false, workersLookAgain: true };
    const { states, violation } = explore(modelOf(removing, { ...BOUNDS, duplicates: 0 }));
    expect(violation).toBeUndefined();
    expect(states).toBeGreaterThan(25_000);
  });

  const simpler: [string, Partial<Removing>, Partial<Bounds>, RegExp][] = [
    ['deletes without a condition', { conditional: false }, { undeletions: 0 }, /was removed/],
    ['looks at the source before the result', { resultFirst: false }, { undeletions: 0 }, /was removed/],
    [
      'relies on ETags that equal contents share',
      { stamped: false },
      { undeletions: 0, uploads: 'XX', workers: 1 },
      /was removed/,
    ],
    ['does not look at the source again', { looksAgain: false }, { uploads: 'X' }, /has no result/],
  ];
  it.each(simpler)('fails for a protocol that %s', (_what, changes, bounds, wrong) => {
    const { violation } = explore(modelOf({ ...CHOSEN, ...changes }, { ...BOUNDS, ...bounds }));
    expect(violation?.path.length).toBeGreaterThan(5);
    expect(violation?.what).toMatch(wrong);
  });
});
