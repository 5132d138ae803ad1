import { expect, it } from 'vitest';
import { steadyClock } from '../../src/local/clock.ts';
import { cases, fc } from '../support/fuzz.ts';

it('a steady clock never goes back, is never slower than time, and follows a clock that goes forward', () => {
  const step = fc.record({ passes: fc.nat(1000), jumps: fc.integer({ min: -1e9, max: 1e9 }) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      let wall = 1_000_000;
      let elapsed = 0;
      const clock = steadyClock(
        () => wall,
        () => elapsed,
      );
      for (const { passes, jumps } of steps) {
        const before = clock.now();
        elapsed += passes;
        wall += passes + jumps;
        const now = clock.now();
        expect(now).toBeGreaterThanOrEqual(before + passes);
        expect(now).toBeGreaterThanOrEqual(wall);
      }
    }),
    { numRuns: cases(200) },
  );
});
