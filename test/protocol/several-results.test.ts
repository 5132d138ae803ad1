import { describe, expect, it } from 'vitest';
import { takesLong } from '../support/takes-long.ts';
import { explore } from './explore.ts';
import { CHOSEN, modelOf, type Bounds, type Protocol } from './several-results.ts';

takesLong();

const BOUNDS: Bounds = { uploads: 'XYX', results: 2, workers: 2, duplicates: 1, crashes: 1, unanswered: 1 };
/** Two messages of one upload, whose workers work at the same time. */
const TWICE: Bounds = { ...BOUNDS, uploads: 'X', crashes: 0, unanswered: 0 };

describe('the conditional writes of several results without versions, in every order of steps', () => {
  it.each<[string, Partial<Bounds>, number]>([
    ['three uploads', { duplicates: 0 }, 10_000],
    ['equal uploads', { uploads: 'XX' }, 10_000],
    ['three workers', { uploads: 'XY', workers: 3, crashes: 0 }, 10_000],
    ['three results', { uploads: 'XY', results: 3, crashes: 0 }, 10_000],
  ])('let the latest upload win: %s', (_what, bounds, fewest) => {
    const { states, violation } = explore(modelOf(CHOSEN, { ...BOUNDS, ...bounds }));
    expect(violation).toBeUndefined();
    expect(states).toBeGreaterThan(fewest);
  });

  it.each([2, 3])(
    'let %i workers of one upload end, each after losing at most once to each of the others',
    (workers) => {
      const bounds = { ...TWICE, workers, duplicates: workers - 1, rounds: workers - 1 };
      expect(explore(modelOf(CHOSEN, bounds)).violation).toBeUndefined();
    },
  );

  it.each<[string, Protocol, Bounds, RegExp]>([
    [
      'two workers take turns forever if each stores all results again',
      { keeps: 'none' },
      { ...TWICE, rounds: 5 },
      /starts over more than 5 times/,
    ],
    [
      "an equal upload can keep an earlier upload's results if any with the right contents are kept",
      { keeps: 'any' },
      { ...BOUNDS, uploads: 'XX', crashes: 0 },
      /is not of the latest upload/,
    ],
  ])('%s', (_what, protocol, bounds, wrong) => {
    expect(explore(modelOf(protocol, bounds)).violation?.what).toMatch(wrong);
  });
});
