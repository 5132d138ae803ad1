import { describe, expect, it } from 'vitest';
import { CHOSEN, modelOf, type Bounds, type Protocol } from './conditional-write.ts';
import { explore } from './explore.ts';
import { takesLong } from '../support/takes-long.ts';

takesLong();

const BOUNDS = { recipes: 'A', workers: 3, duplicates: 2, crashes: 2, backfill: false };
const DEPLOYMENTS = { workers: 2, duplicates: 1, crashes: 1, backfill: true };

describe('the conditional write, in every order of its steps', () => {
  it('lets the latest of four uploads win, and never takes it back', () => {
    const { states, violation } = explore(modelOf(CHOSEN, { ...BOUNDS, uploads: 'XYXY' }));
    expect(violation).toBeUndefined();
    expect(states).toBeGreaterThan(100_000);
  });

  it('does so without skipping too, as on an unversioned bucket', () => {
    const protocol: Protocol = { ...CHOSEN, skips: 'never' };
    expect(explore(modelOf(protocol, { ...BOUNDS, uploads: 'XYX' })).violation).toBeUndefined();
  });

  it.each([
    ['deployed', 'AB'],
    ['deployed and rolled back', 'ABA'],
  ])(
    'lets a recipe that is %s win after a backfill, whatever older invocations still do',
    (_what, recipes) => {
      for (const skips of ['same upload', 'never'] as const) {
        const { states, violation } = explore(
          modelOf({ ...CHOSEN, skips }, { ...DEPLOYMENTS, recipes, uploads: 'XY' }),
        );
        expect(violation).toBeUndefined();
        expect(states).toBeGreaterThan(5000);
      }
    },
  );

  it('lets the latest upload win during a deployment that nobody follows by a backfill', () => {
    const bounds = { ...DEPLOYMENTS, recipes: 'ABA', uploads: 'XY', backfill: false };
    expect(explore(modelOf(CHOSEN, bounds)).violation).toBeUndefined();
  });

  const simpler: [string, Partial<Protocol>, string][] = [
    ['writes without a condition', { conditional: false }, 'XY'],
    [
      'compares which upload is later, and writes without a condition',
      { conditional: false, skips: 'result of a later upload' },
      'XY',
    ],
    ['compares ETags without the stamp', { stamp: 'none' }, 'XYX'],
    ['reads the source before the result', { resultFirst: false }, 'XY'],
    ['skips when the content is equal', { skips: 'same content' }, 'XYX'],
  ];
  it.each(simpler)('goes wrong for one that %s', (_what, changes, uploads) => {
    const { violation } = explore(modelOf({ ...CHOSEN, ...changes }, { ...BOUNDS, uploads }));
    expect(violation?.path.length).toBeGreaterThan(3);
    expect(violation?.what).toMatch(/the latest result was replaced|all is done/);
  });

  const withoutOrder: [string, Partial<Protocol>, Partial<Bounds>][] = [
    ['knows recipes by name only', { recipes: 'by name' }, { uploads: 'X', recipes: 'AB' }],
    ['replaces what a younger generation made', { younger: 'replaces it' }, { uploads: 'X', recipes: 'AB' }],
    [
      'acknowledges whatever a younger generation made',
      { younger: 'acknowledges' },
      { uploads: 'XY', recipes: 'AB', backfill: false },
    ],
    ['stamps the upload only, and is rolled back', { stamp: 'upload' }, { uploads: 'X', recipes: 'ABA' }],
  ];
  it.each(withoutOrder)('goes wrong during a deployment for one that %s', (_what, changes, what) => {
    const bounds = { ...DEPLOYMENTS, uploads: '', recipes: '', ...what };
    const { violation } = explore(modelOf({ ...CHOSEN, ...changes }, bounds));
    expect(violation?.path.length).toBeGreaterThan(3);
    expect(violation?.what).toMatch(/was replaced|all is done/);
  });
});
