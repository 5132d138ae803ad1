import { fc } from '../support/fuzz.ts';
import { describe, expect, it } from 'vitest';
import { backoffSeconds } from '../../src/worker/backoff.ts';
import { TIMING } from '../support/timing.ts';

describe('the backoff', () => {
  it('doubles with each attempt, up to a minute', () => {
    const longest = [1, 2, 3, 4, 5, 9].map((attempt) => backoffSeconds(attempt, () => 0.999_999));
    expect(longest).toEqual([4, 8, 16, 32, 60, 60]);
  });

  it('is random in its upper half, in whole seconds that SQS accepts', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 50 }),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (attempt, random) => {
          const seconds = backoffSeconds(attempt, () => random);
          expect(Number.isInteger(seconds)).toBe(true);
          expect(seconds).toBeGreaterThanOrEqual(backoffSeconds(attempt, () => 0));
          expect(seconds).toBeLessThanOrEqual(Math.min(900, TIMING.visibilityTimeoutSeconds));
        },
      ),
    );
  });
});
