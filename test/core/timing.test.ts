import { describe, expect, it } from 'vitest';
import { alarmsOf } from '../../src/core/alarms.ts';
import { HIGHEST_LIMITS } from '../../src/core/conversion.ts';
import { DEFAULT_RECIPE } from '../../src/core/recipe.ts';
import { SETTINGS } from '../../src/core/settings.ts';
import { RESPONSE_SECONDS, longestAttemptSeconds, timingOf } from '../../src/core/timing.ts';
import { fc } from '../support/fuzz.ts';

const limits = fc.record({
  seconds: fc.integer({ min: 1, max: HIGHEST_LIMITS.seconds }),
  bytes: fc.integer({ min: 1, max: HIGHEST_LIMITS.bytes }),
});
/** Adds edge cases that random recipes rarely have. */
const edges = [
  { seconds: 1, bytes: 1 },
  { seconds: 1, bytes: HIGHEST_LIMITS.bytes },
  { seconds: HIGHEST_LIMITS.seconds, bytes: 1 },
  HIGHEST_LIMITS,
  DEFAULT_RECIPE.limits,
];
function forEachRecipe(check: (of: { seconds: number; bytes: number }) => void): void {
  for (const each of edges) check(each);
  fc.assert(fc.property(limits, check));
}

describe('the times of the worker', () => {
  it('are those in the documents for the default recipe', () => {
    expect(timingOf(DEFAULT_RECIPE.limits)).toEqual({
      readSeconds: 40,
      functionTimeoutSeconds: 120,
      visibilityTimeoutSeconds: 720,
      batchSize: 10,
      beginSeconds: 35,
      longestStaySeconds: 3600,
    });
  });

  it('are within the limits of Lambda and SQS, and a message is hidden for six timeouts', () => {
    forEachRecipe((of) => {
      const { functionTimeoutSeconds, visibilityTimeoutSeconds, batchSize } = timingOf(of);
      expect(functionTimeoutSeconds).toBeLessThanOrEqual(900);
      expect(visibilityTimeoutSeconds).toBeGreaterThanOrEqual(6 * functionTimeoutSeconds);
      expect(visibilityTimeoutSeconds).toBeLessThanOrEqual(43_200);
      expect(batchSize).toBeGreaterThanOrEqual(1);
      expect(batchSize).toBeLessThanOrEqual(10);
      for (const value of Object.values(timingOf(of))) expect(value).toBe(Math.round(value));
    });
  });

  it('allow reading the slowest source, and converting it after another conversion that used all its seconds', () => {
    forEachRecipe((of) => {
      const { functionTimeoutSeconds, readSeconds, beginSeconds } = timingOf(of);
      expect(functionTimeoutSeconds - readSeconds - of.seconds).toBeGreaterThan(beginSeconds);
    });
  });

  it('reserve five seconds to store and settle results', () => {
    forEachRecipe((of) => {
      expect(timingOf(of).beginSeconds - of.seconds).toBeGreaterThanOrEqual(5);
    });
  });

  it('require a download rate for the largest source that S3 always reaches', () => {
    forEachRecipe((of) => {
      expect(of.bytes / timingOf(of).readSeconds).toBeLessThanOrEqual(10_000_000);
      expect(timingOf(of).readSeconds).toBeGreaterThanOrEqual(40);
    });
  });

  it('make batches smaller if conversions may take long: at the limit, at most five minutes of one core', () => {
    forEachRecipe((of) => {
      const { batchSize } = timingOf(of);
      expect(batchSize * of.seconds).toBeLessThanOrEqual(300);
      if (batchSize < 10) expect((batchSize + 1) * of.seconds).toBeGreaterThan(300);
    });
  });
});

describe('an attempt that never ends', () => {
  it('is over after its timeout and one visibility timeout for each remaining receive', () => {
    const timing = timingOf(DEFAULT_RECIPE.limits);
    expect([0, 1, 4, 5, 6].map((attempt) => longestAttemptSeconds(attempt, timing))).toEqual([
      120 + 5 * 720,
      120 + 4 * 720,
      120 + 720,
      120,
      120,
    ]);
  });
});

describe('the alarms', () => {
  it('detect that the retry queue is stuck long before SQS deletes a message', () => {
    forEachRecipe((of) => {
      const { threshold, periodSeconds, periods } = alarmsOf(timingOf(of))['retry-backlog'];
      expect(threshold + periods * periodSeconds).toBeLessThan(SETTINGS.queueRetentionSeconds / 4);
    });
  });

  it('do not fire for a message whose process dies in every attempt', () => {
    forEachRecipe((of) => {
      const timing = timingOf(of);
      expect(alarmsOf(timing)['retry-backlog'].threshold).toBeGreaterThan(
        SETTINGS.maxReceiveCount * timing.visibilityTimeoutSeconds,
      );
    });
  });

  it('count exactly the invocations as slow that had to respond before their work was done', () => {
    forEachRecipe((of) => {
      const timing = timingOf(of);
      const { threshold } = alarmsOf(timing)['worker-slow'];
      expect(threshold).toBeLessThan((timing.functionTimeoutSeconds - RESPONSE_SECONDS) * 1000);
      // A conversion that starts as late as possible and takes its full time limit is not slow.
      const begun = timing.functionTimeoutSeconds - timing.beginSeconds;
      expect(threshold).toBeGreaterThan((begun + of.seconds) * 1000);
    });
  });
});
