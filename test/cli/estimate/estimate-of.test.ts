import { describe, expect, it } from 'vitest';
import { estimateOf, speedOf, type Workload } from '../../../src/cli/estimate/estimate-of.ts';
import { totalOf } from '../../../src/core/cost.ts';
import { DEFAULT_RECIPE } from '../../../src/core/recipe.ts';
import { timingOf } from '../../../src/core/timing.ts';
import { fc } from '../../support/fuzz.ts';

const workload = (more: Partial<Workload> = {}): Workload => ({
  objects: 10_000,
  renditions: 1,
  coreSeconds: 0.3,
  megabytes: 1769,
  timing: timingOf(DEFAULT_RECIPE.limits),
  scaling: { concurrency: 50 },
  accountConcurrency: 1000,
  ...more,
});

describe('an estimate', () => {
  it('is the sum of its parts; time and price do not decrease with the number of objects', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 20_000 }),
        fc.integer({ min: 1, max: 20_000 }),
        fc.constantFrom<Workload['scaling']>(
          { concurrency: 50 },
          { concurrency: 1000 },
          { pollers: { minimum: 2, maximum: 200 } },
        ),
        (objects, more, scaling) => {
          const few = estimateOf(workload({ objects, scaling }));
          const many = estimateOf(workload({ objects: objects + more, scaling }));
          expect(few.dollars).toBeCloseTo(totalOf(few.cost), 9);
          expect(many.dollars).toBeGreaterThan(few.dollars);
          expect(many.drained.seconds).toBeGreaterThanOrEqual(few.drained.seconds);
        },
      ),
    );
  });

  it('takes no longer with a higher maximum concurrency, and costs the same', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 1000 }),
        fc.integer({ min: 0, max: 500 }),
        (concurrency, more) => {
          const one = estimateOf(workload({ scaling: { concurrency } }));
          const other = estimateOf(workload({ scaling: { concurrency: concurrency + more } }));
          expect(other.drained.seconds).toBeLessThanOrEqual(one.drained.seconds);
          expect(other.dollars).toBe(one.dollars);
        },
      ),
    );
  });

  it('includes event pollers only in provisioned mode', () => {
    const scaling = { pollers: { minimum: 20, maximum: 20 } };
    const { cost, drained } = estimateOf(workload({ scaling }));
    expect(cost.eventPollers).toBeCloseTo((20 * 0.00925 * drained.seconds) / 3600, 9);
    expect(estimateOf(workload()).cost.eventPollers).toBe(0);
  });

  it('starts only the conversions in a batch for which there is time', () => {
    // The timeout is 120 seconds; 35 of them must be left when a conversion starts.
    expect(estimateOf(workload({ coreSeconds: 9 })).batchSize).toBe(10);
    expect(estimateOf(workload({ coreSeconds: 25 })).batchSize).toBe(4);
  });

  it('uses the combined rate of all invocations', () => {
    expect(estimateOf(workload()).objectsPerSecond).toBeCloseTo(50 / 0.3, 9);
  });
});

describe('memory', () => {
  it('provides a share of one core up to 1,769 MB, and more cores only for concurrent conversions', () => {
    expect(speedOf(1769 / 2)).toBe(0.5);
    expect(speedOf(1769)).toBe(1);
    expect(speedOf(2500)).toBe(1);
    expect(speedOf(2 * 1769)).toBeCloseTo(2 / 1.12, 9);
  });

  it('never makes a function slower, and never gives more than its cores', () => {
    fc.assert(
      fc.property(fc.integer({ min: 128, max: 10_240 }), fc.nat({ max: 1000 }), (megabytes, more) => {
        expect(speedOf(megabytes + more)).toBeGreaterThanOrEqual(speedOf(megabytes));
        expect(speedOf(megabytes)).toBeLessThanOrEqual(megabytes / 1769);
      }),
    );
  });

  it('costs about the same below one core, where less memory takes longer', () => {
    const [half, whole] = [884.5, 1769].map((megabytes) => estimateOf(workload({ megabytes }))) as [
      ReturnType<typeof estimateOf>,
      ReturnType<typeof estimateOf>,
    ];
    expect(half.secondsEach).toBe(2 * whole.secondsEach);
    expect(half.dollars).toBeCloseTo(whole.dollars, 9);
  });
});
