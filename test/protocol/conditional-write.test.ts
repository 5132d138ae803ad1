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

describe('a deployment that adds or drops the stamp, in every order of steps', () => {
  const WITHOUT_VERSIONS: Protocol = { ...CHOSEN, skips: 'never' };
  const ADDED = { ...DEPLOYMENTS, unstamped: 'A', uploads: 'XYX', recipes: 'AB', backfill: false } as const;

  it.each([
    ['adds the stamp', {}, 40_000],
    ['drops the stamp', { unstamped: 'B' }, 40_000],
    ['adds the stamp and is rolled back', { uploads: 'XX', recipes: 'ABA' }, 20_000],
    ['drops the stamp and is rolled back', { uploads: 'XX', recipes: 'ABA', unstamped: 'B' }, 20_000],
  ])('ends with the latest upload if it %s', (_what, changes, least) => {
    for (const protocol of [CHOSEN, WITHOUT_VERSIONS]) {
      const { states, violation } = explore(modelOf(protocol, { ...ADDED, ...changes }));
      expect(violation).toBeUndefined();
      expect(states).toBeGreaterThan(least);
    }
  });

  it.each(['A', 'B'])(
    'never reverts the latest upload if contents do not repeat and recipe %s makes no stamp',
    (unstamped) => {
      const bounds = { ...ADDED, unstamped, uploads: 'XY', backfill: 'at once', overlaps: 1 } as const;
      const { states, violation } = explore(modelOf(CHOSEN, bounds));
      expect(violation).toBeUndefined();
      expect(states).toBeGreaterThan(10_000);
    },
  );

  const SMALL = { ...ADDED, uploads: 'XX' };
  const XYX = { uploads: 'XYX' };
  const ONLY_OWN = { looksAgain: 'without a stamp' } as const;
  const weaker: [string, Partial<Protocol>, Partial<Bounds>, RegExp][] = [
    ['the second check after a result without a stamp was replaced', ONLY_OWN, XYX, /result is of upload 2/],
    ['that check and versions', { ...ONLY_OWN, skips: 'never' }, XYX, /result is of upload 2/],
    ['that check, if the deployment is rolled back', ONLY_OWN, { recipes: 'ABA' }, /result is of upload 1/],
    [
      'that check, if a recipe without a stamp is rolled back',
      ONLY_OWN,
      { recipes: 'ABA', unstamped: 'B' },
      /result is of upload 1/,
    ],
    [
      'waiting with the backfill for invocations of the recipe that was rolled back',
      {},
      { recipes: 'ABA', backfill: 'at once' },
      /result is of recipe B/,
    ],
    [
      'the message of a worker that crashes between its write and its check',
      {},
      { overlaps: 1 },
      /result is of upload 1/,
    ],
  ];
  it.each(weaker)('fails without %s', (_what, changes, what, wrong) => {
    const { violation } = explore(modelOf({ ...CHOSEN, ...changes }, { ...SMALL, ...what }));
    expect(violation?.path.length).toBeGreaterThan(3);
    expect(violation?.what).toMatch(wrong);
  });
});
