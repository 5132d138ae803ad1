import { describe, expect, it } from 'vitest';
import { CHOSEN, modelOf, type Protocol } from './conditional-write.ts';
import { explore } from './explore.ts';

const BOUNDS = { workers: 3, duplicates: 2, crashes: 2 };

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

  const simpler: [string, Partial<Protocol>, string][] = [
    ['writes without a condition', { conditional: false }, 'XY'],
    [
      'compares which upload is later, and writes without a condition',
      { conditional: false, skips: 'result of a later upload' },
      'XY',
    ],
    ['compares ETags without the stamp', { stamped: false }, 'XYX'],
    ['reads the source before the result', { resultFirst: false }, 'XY'],
    ['skips when the content is equal', { skips: 'same content' }, 'XYX'],
  ];
  it.each(simpler)('goes wrong for one that %s', (_what, changes, uploads) => {
    const { violation } = explore(modelOf({ ...CHOSEN, ...changes }, { ...BOUNDS, uploads }));
    expect(violation?.path.length).toBeGreaterThan(3);
    expect(violation?.what).toMatch(/the latest result was replaced|all is done/);
  });
});
