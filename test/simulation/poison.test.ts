import { expect, it, vi } from 'vitest';
import { poisonFigures } from './poison.ts';
import { takesLong } from '../support/takes-long.ts';

takesLong();

// Set before the worker's modules are loaded, because they read it.
vi.hoisted(() => void (process.env['POWERTOOLS_METRICS_DISABLED'] = 'true'));

it.each([0.01, 0.1, 0.5])(
  'a poison share of %d affects no healthy object, while a naive batch consumer loses many',
  async (share) => {
    const figures = await poisonFigures(share);
    expect(figures.deadInnocents).toBe(0);
    // A message may be delivered twice.
    expect(figures.deadPoison).toBeGreaterThanOrEqual(figures.poison);
    // The share of objects in a batch with poison: 1 - (1 - share)^9.
    const expected = 1 - (1 - share) ** 9;
    expect(figures.naiveInOrder / figures.innocents).toBeCloseTo(expected, 1);
    expect(figures.naiveInAnyOrder).toBeGreaterThan(0);
  },
);
