import { describe, expect, it } from 'vitest';
import { takesLong } from '../support/takes-long.ts';
import { explore } from './explore.ts';
import { CHOSEN, modelOf, type Bounds, type Propagation } from './propagated-deletion.ts';

takesLong();

const BOUNDS: Bounds = {
  uploads: 'XYX',
  deletions: 1,
  versionDeletions: 1,
  undeletions: 0,
  workers: 2,
  duplicates: 0,
  crashes: 1,
  overlaps: 0,
};
const UNSTAMPED: Propagation = { ...CHOSEN, stamped: false };

describe('results that are deleted with their uploads, in every order of steps', () => {
  it.each<[string, Partial<Bounds>, number]>([
    ['belong to the current source, or do not exist', {}, 40_000],
    ['with duplicates', { uploads: 'XY', duplicates: 1, undeletions: 1 }, 30_000],
    ['with undone deletions', { uploads: 'XX', deletions: 2, undeletions: 1 }, 9000],
    ['with three workers', { uploads: 'XY', versionDeletions: 0, workers: 3 }, 5000],
  ])('%s', (_what, bounds, fewest) => {
    for (const propagation of [CHOSEN, UNSTAMPED]) {
      const { states, violation } = explore(modelOf(propagation, { ...BOUNDS, ...bounds }));
      expect(violation).toBeUndefined();
      expect(states).toBeGreaterThan(fewest);
    }
  });

  const simpler: [string, Partial<Propagation>, Partial<Bounds>, RegExp][] = [
    ['deletes without a condition', { conditional: false }, { versionDeletions: 0 }, /was deleted/],
    ['looks at the source before the result', { resultFirst: false }, { versionDeletions: 0 }, /was deleted/],
    [
      'does not look at the source after its deletion',
      { looksAfterDeletion: false },
      { undeletions: 1 },
      /does not have its result/,
    ],
    [
      'does not look at the source after its deletion, without a stamp',
      { looksAfterDeletion: false, stamped: false },
      { uploads: 'XX', versionDeletions: 0 },
      /does not have its result/,
    ],
    ['does not look at the source after its write', { looksAfterWrite: false }, {}, /has no source/],
    [
      'takes the message of a deleted version for a duplicate of its upload',
      { deletionMessage: 'is a duplicate of the upload' },
      {},
      /has no source|does not have its result/,
    ],
  ];
  it.each(simpler)('fail for a protocol that %s', (_what, changes, bounds, wrong) => {
    const { violation } = explore(modelOf({ ...CHOSEN, ...changes }, { ...BOUNDS, ...bounds }));
    expect(violation?.path.length).toBeGreaterThan(5);
    expect(violation?.what).toMatch(wrong);
  });

  it('can be left behind by a worker that outlives its message and dies before its second check', () => {
    const bounds = { ...BOUNDS, uploads: 'X', versionDeletions: 0, overlaps: 1 };
    expect(explore(modelOf(CHOSEN, bounds)).violation?.what).toMatch(/has no source/);
    expect(explore(modelOf(CHOSEN, { ...bounds, crashes: 0 })).violation).toBeUndefined();
  });
});
