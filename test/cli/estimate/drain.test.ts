import { describe, expect, it } from 'vitest';
import { drain, drained, type Load } from '../../../src/cli/estimate/drain.ts';
import type { Ramp } from '../../../src/cli/estimate/event-source.ts';
import { cases, fc } from '../../support/fuzz.ts';

const constant = (invocations: number): Ramp => ({
  start: invocations,
  perSecond: 1,
  limit: invocations,
  limitedBy: 'maximum-concurrency',
});

const loads: fc.Arbitrary<Load> = fc.record({
  objects: fc.integer({ min: 1, max: 5000 }),
  batchSize: fc.integer({ min: 1, max: 10 }),
  secondsEach: fc.double({ min: 0.01, max: 30, noNaN: true }),
});

const ramps: fc.Arbitrary<Ramp> = fc
  .record({
    start: fc.integer({ min: 1, max: 50 }),
    perSecond: fc.double({ min: 0.1, max: 20, noNaN: true }),
    more: fc.integer({ min: 0, max: 200 }),
  })
  .map(({ start, perSecond, more }) => ({
    start,
    perSecond,
    limit: start + more,
    limitedBy: 'maximum-concurrency',
  }));

describe('a drain', () => {
  it('takes the total time divided by the invocations if their number is constant', () => {
    const { seconds } = drained({ objects: 100_000, batchSize: 10, secondsEach: 0.3 }, constant(50));
    expect(seconds).toBeCloseTo((100_000 * 0.3) / 50, 6);
  });

  it('progresses with the square of the time while invocations are added', () => {
    const [start, perSecond, secondsEach, objects] = [5, 5, 0.1, 1_000_000] as const;
    const ramp: Ramp = { start, perSecond, limit: 100_000, limitedBy: 'event-source' };
    const { seconds, concurrency } = drained({ objects, batchSize: 10, secondsEach }, ramp);
    // start·t + perSecond·t²/2 = the time of all objects
    const expected = (Math.sqrt(start ** 2 + 2 * perSecond * objects * secondsEach) - start) / perSecond;
    expect(Math.abs(seconds - expected)).toBeLessThan(2 * 10 * secondsEach);
    expect(concurrency / (start + perSecond * expected)).toBeCloseTo(1, 1);
  });

  it('reaches the limit at the end of the ramp', () => {
    const ramp: Ramp = { start: 5, perSecond: 5, limit: 1000, limitedBy: 'maximum-concurrency' };
    expect(drained({ objects: 1_000_000, batchSize: 10, secondsEach: 0.3 }, ramp)).toMatchObject({
      invocations: 100_000,
      concurrency: 1000,
      concurrencySeconds: 199,
    });
  });

  it('converts every object once', () => {
    fc.assert(
      fc.property(loads, ramps, (load, ramp) => {
        const invocations = [...drain(load, ramp)];
        const sum = invocations.reduce((total, { objects }) => total + objects, 0);
        expect(sum).toBe(load.objects);
        expect(invocations.length).toBe(Math.ceil(load.objects / load.batchSize));
      }),
    );
  });

  it('never has more concurrent invocations than the ramp allows', () => {
    fc.assert(
      fc.property(loads, ramps, (load, ramp) => {
        const invocations = [...drain(load, ramp)];
        for (const { begin } of invocations) {
          const running = invocations.filter((other) => other.begin <= begin && other.end > begin).length;
          const allowed = Math.min(ramp.limit, ramp.start + Math.floor(ramp.perSecond * begin + 1e-6));
          expect(running).toBeLessThanOrEqual(allowed);
        }
      }),
      { numRuns: cases(20) },
    );
  });

  it('takes longer with more objects, and not longer with a higher limit', () => {
    fc.assert(
      fc.property(loads, ramps, fc.integer({ min: 1, max: 1000 }), (load, ramp, more) => {
        const { seconds } = drained(load, ramp);
        const wider = drained(load, { ...ramp, limit: ramp.limit + more });
        const larger = drained({ ...load, objects: load.objects + more }, ramp);
        expect(wider.seconds).toBeLessThanOrEqual(seconds);
        expect(larger.seconds).toBeGreaterThanOrEqual(seconds);
      }),
    );
  });
});
