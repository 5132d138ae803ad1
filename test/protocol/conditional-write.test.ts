import { describe, expect, it } from 'vitest';
import { CHOSEN, modelOf, UNSTAMPED, type Bounds, type Protocol } from './conditional-write.ts';
import { explore } from './explore.ts';
import { takesLong } from '../support/takes-long.ts';

takesLong();

const BOUNDS = { recipes: 'A', workers: 3, duplicates: 2, crashes: 2, backfill: false } as const;
const DEPLOYMENTS = { workers: 2, duplicates: 1, crashes: 1, backfill: 'at once' } as const;

describe('the conditional write, in every order of steps', () => {
  it('lets the latest of four uploads win, and never reverts it', () => {
    const { states, violation } = explore(modelOf(CHOSEN, { ...BOUNDS, uploads: 'XYXY' }));
    expect(violation).toBeUndefined();
    expect(states).toBeGreaterThan(100_000);
  });

  it('also does so without skipping, as in an unversioned bucket', () => {
    const protocol: Protocol = { ...CHOSEN, skips: 'never' };
    expect(explore(modelOf(protocol, { ...BOUNDS, uploads: 'XYX' })).violation).toBeUndefined();
  });

  it.each([
    ['deployed', 'AB'],
    ['deployed and rolled back', 'ABA'],
  ])('lets a recipe that is %s win after a backfill, whatever older invocations do', (_what, recipes) => {
    for (const skips of ['same upload', 'never'] as const) {
      const { states, violation } = explore(
        modelOf({ ...CHOSEN, skips }, { ...DEPLOYMENTS, recipes, uploads: 'XY' }),
      );
      expect(violation).toBeUndefined();
      expect(states).toBeGreaterThan(5000);
    }
  });

  it('lets the latest upload win during a deployment without a backfill', () => {
    const bounds = { ...DEPLOYMENTS, recipes: 'ABA', uploads: 'XY', backfill: false } as const;
    expect(explore(modelOf(CHOSEN, bounds)).violation).toBeUndefined();
  });

  it('does not depend on redelivery after a late crash of a worker', () => {
    const bounds = { ...BOUNDS, duplicates: 1, overlaps: 1, uploads: 'XYX' };
    expect(explore(modelOf(CHOSEN, bounds)).violation).toBeUndefined();
  });

  const simpler: [string, Partial<Protocol>, string][] = [
    ['writes without a condition', { conditional: false }, 'XY'],
    [
      'compares which upload is later, and writes without a condition',
      { conditional: false, skips: 'result of a later upload' },
      'XY',
    ],
    ['compares ETags without the stamp', { stamp: 'none', looksAgain: 'never' }, 'XYX'],
    ['reads the source before the result', { resultFirst: false }, 'XY'],
    ['skips when the content is equal', { skips: 'same content' }, 'XYX'],
  ];
  it.each(simpler)('fails for a protocol that %s', (_what, changes, uploads) => {
    const { violation } = explore(modelOf({ ...CHOSEN, ...changes }, { ...BOUNDS, uploads }));
    expect(violation?.path.length).toBeGreaterThan(3);
    expect(violation?.what).toMatch(/the latest result was replaced|all is done/);
  });

  const withoutOrder: [string, Partial<Protocol>, Partial<Bounds>][] = [
    ['knows recipes by name only', { recipes: 'by name' }, { uploads: 'X', recipes: 'AB' }],
    ['replaces what a newer generation made', { newer: 'replaces it' }, { uploads: 'X', recipes: 'AB' }],
    [
      'acknowledges whatever a newer generation made',
      { newer: 'acknowledges' },
      { uploads: 'XY', recipes: 'AB', backfill: false },
    ],
    ['stamps the upload only, and is rolled back', { stamp: 'upload' }, { uploads: 'X', recipes: 'ABA' }],
  ];
  it.each(withoutOrder)('fails during a deployment for a protocol that %s', (_what, changes, what) => {
    const bounds = { ...DEPLOYMENTS, uploads: '', recipes: '', ...what };
    const { violation } = explore(modelOf({ ...CHOSEN, ...changes }, bounds));
    expect(violation?.path.length).toBeGreaterThan(3);
    expect(violation?.what).toMatch(/was replaced|all is done/);
  });
});

describe('the conditional write of results without a stamp, in every order of steps', () => {
  const WITHOUT_VERSIONS: Protocol = { ...UNSTAMPED, skips: 'never' };

  it('ends with the latest of four uploads', () => {
    const { states, violation } = explore(modelOf(UNSTAMPED, { ...BOUNDS, duplicates: 1, uploads: 'XYXY' }));
    expect(violation).toBeUndefined();
    expect(states).toBeGreaterThan(150_000);
  });

  it.each(['XYX', 'XXY'])('ends with the latest contents in an unversioned bucket, after %s', (uploads) => {
    expect(explore(modelOf(WITHOUT_VERSIONS, { ...BOUNDS, uploads })).violation).toBeUndefined();
  });

  it('never reverts the latest upload if contents do not repeat', () => {
    const { states, violation } = explore(modelOf(UNSTAMPED, { ...BOUNDS, overlaps: 1, uploads: 'XY' }));
    expect(violation).toBeUndefined();
    expect(states).toBeGreaterThan(10_000);
  });

  it.each([
    ['deployed', 'AB', 'at once'],
    ['deployed and rolled back', 'ABA', 'later'],
    ['deployed and rolled back', 'ABA', false],
  ] as const)(
    'ends with the latest under a recipe that is %s (%s), with a backfill: %s',
    (_what, recipes, backfill) => {
      for (const protocol of [UNSTAMPED, WITHOUT_VERSIONS]) {
        const bounds = { ...DEPLOYMENTS, recipes, backfill, uploads: 'XY' };
        expect(explore(modelOf(protocol, bounds)).violation).toBeUndefined();
      }
    },
  );

  const weaker: [string, Partial<Protocol>, Partial<Bounds>, RegExp][] = [
    ['the second look', { looksAgain: 'never' }, {}, /all is done, and the result is of upload 2/],
    [
      'waiting with the backfill for invocations of the recipe that was rolled back',
      {},
      { ...DEPLOYMENTS, uploads: 'XY', recipes: 'ABA' },
      /all is done, and the result is of recipe B/,
    ],
    [
      'the message of a worker that crashes between its write and its look',
      {},
      { overlaps: 1, duplicates: 0 },
      /all is done, and the result is of upload 2/,
    ],
  ];
  it.each(weaker)('fails without %s', (_what, changes, what, wrong) => {
    const bounds = { ...BOUNDS, uploads: 'XYX', ...what };
    const { violation } = explore(modelOf({ ...UNSTAMPED, ...changes }, bounds));
    expect(violation?.path.length).toBeGreaterThan(3);
    expect(violation?.what).toMatch(wrong);
  });
});

describe('a deployment after which results have a stamp, or no longer have one, in every order of steps', () => {
  const WITHOUT_VERSIONS: Protocol = { ...CHOSEN, skips: 'never' };
  const MIXED = { ...DEPLOYMENTS, backfill: false } as const;

  it.each([
    ['A', 'XYX', 'AB', 40_000],
    ['B', 'XYX', 'AB', 40_000],
    ['A', 'XX', 'ABA', 10_000],
    ['B', 'XX', 'ABA', 10_000],
  ])(
    'ends with the latest, if results of recipe %s have none, after %s and %s',
    (unstamped, uploads, recipes, least) => {
      for (const protocol of [CHOSEN, WITHOUT_VERSIONS]) {
        const { states, violation } = explore(modelOf(protocol, { ...MIXED, unstamped, uploads, recipes }));
        expect(violation).toBeUndefined();
        expect(states).toBeGreaterThan(least);
      }
    },
  );

  it('fails if only workers whose own results have none look again', () => {
    const protocol: Protocol = { ...CHOSEN, looksAgain: 'without a stamp' };
    const bounds = { ...MIXED, unstamped: 'A', uploads: 'XX', recipes: 'AB' };
    const { violation } = explore(modelOf(protocol, bounds));
    expect(violation?.path.length).toBeGreaterThan(3);
    expect(violation?.what).toMatch(/all is done, and the result is of upload 1/);
  });
});
