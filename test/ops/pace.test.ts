import { fc } from '../support/fuzz.ts';
import { describe, expect, it } from 'vitest';
import { createPace, portions } from '../../src/ops/pace.ts';

function virtualTime() {
  let now = 0;
  return {
    now: () => now,
    wait: (milliseconds: number) => {
      now += milliseconds;
      return Promise.resolve();
    },
  };
}
const stop = new AbortController().signal;

describe('a pace', () => {
  it('allows its rate over any period, plus at most one burst', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 500 }),
        fc.array(fc.integer({ min: 1, max: 10 }), { minLength: 1, maxLength: 50 }),
        async (rate, bursts) => {
          const time = virtualTime();
          const pace = createPace(rate, stop, time);
          let passed = 0;
          for (const burst of bursts) {
            await pace.before(burst);
            passed += burst;
            expect(passed).toBeLessThanOrEqual((rate * time.now()) / 1000 + burst + 1e-6);
          }
          expect(time.now()).toBeCloseTo((1000 * (passed - (bursts.at(-1) ?? 0))) / rate, 3);
        },
      ),
    );
  });

  it('does not accumulate unused capacity while idle', async () => {
    const time = virtualTime();
    const pace = createPace(10, stop, time);
    await time.wait(60_000);
    await pace.before(10);
    await pace.before(1);
    expect(time.now()).toBe(61_000);
  });
});

describe('portions', () => {
  it('contain everything in order, each of the given size except the last', () => {
    fc.assert(
      fc.property(fc.array(fc.integer(), { maxLength: 40 }), fc.integer({ min: 1, max: 10 }), (all, size) => {
        const parts = portions(all, size);
        expect(parts.flat()).toEqual(all);
        expect(parts.slice(0, -1).every((part) => part.length === size)).toBe(true);
        expect(parts.every((part) => part.length > 0 && part.length <= size)).toBe(true);
      }),
    );
  });
});
