import { describe, expect, it } from 'vitest';
import { NOTHING_CONVERTS, TIME_TO_DRAIN } from '../../../cdk/queue-math.ts';
import { alarmsOf } from '../../../src/core/alarms.ts';
import { SETTINGS } from '../../../src/core/settings.ts';
import { evaluate, type Point } from '../metric-math.ts';
import { TIMING } from '../../support/timing.ts';

const ALARMS = alarmsOf(TIMING);

const { periodSeconds, periods, threshold } = ALARMS['nothing-converts'];
const IDLE: Point = {
  arrived: 0,
  visible: 0,
  hidden: 0,
  deleted: 0,
  converted: undefined,
  current: undefined,
  ignored: undefined,
};
const at = (change: Point): Point => ({ ...IDLE, ...change });
const value = (point: Point) => evaluate(NOTHING_CONVERTS, point, periodSeconds);
/** Like CloudWatch: counts consecutive periods above the threshold; missing ones are not. */
const rings = (points: readonly Point[]) =>
  points.some((_, begin) => {
    const window = points.slice(begin, begin + periods);
    return window.length === periods && window.every((point) => (value(point) ?? 0) > threshold);
  });

describe('"uploads arrive but nothing converts"', () => {
  it('fires for a bulk upload to a dead worker, even if all of it arrives in one period', () => {
    const waits = [
      at({ visible: 0, hidden: 5000 }),
      at({ visible: 4500, hidden: 500 }),
      ...Array.from({ length: periods - 2 }, () => at({ hidden: 5000 })),
    ];
    expect(rings([at({ arrived: 5000, visible: 4500, hidden: 500 }), ...waits])).toBe(true);
  });

  it('fires whether or not the worker has ever converted anything, and even for a trickle', () => {
    for (const converted of [undefined, 0])
      expect(rings(Array.from({ length: periods }, () => at({ arrived: 1, converted })))).toBe(true);
  });

  it('does not fire while uploads are converted, already converted or ignored', () => {
    const busy = { arrived: 100, visible: 5000, hidden: 100 };
    expect(value(at({ ...busy, converted: 1 }))).toBe(0);
    expect(value(at({ ...busy, current: 1 }))).toBe(0);
    expect(value(at({ ...busy, ignored: 1 }))).toBe(0);
    expect(value(at(busy))).toBe(1);
  });

  it('does not fire for an empty or unused queue', () => {
    expect(value(IDLE)).toBe(0);
    const unused = Object.fromEntries(Object.keys(IDLE).map((name) => [name, undefined]));
    expect(rings(Array.from({ length: 2 * periods }, () => unused))).toBe(false);
  });

  it('does not fire for a single object that killed its process and is hidden until it is forwarded', () => {
    // The timeout overlaps this many periods, wherever it starts.
    const touched = Math.ceil(TIMING.visibilityTimeoutSeconds / periodSeconds) + 1;
    const hidden = Array.from({ length: touched }, () => at({ arrived: 1, hidden: 1 }));
    expect(rings([...hidden, IDLE, IDLE])).toBe(false);
  });

  it('fires before the redrive policy has moved everything', () => {
    const stays = SETTINGS.maxReceiveCount * TIMING.visibilityTimeoutSeconds;
    expect((periods + 1) * periodSeconds).toBeLessThan(stays);
  });
});

describe('"time to drain"', () => {
  const drain = (change: Point) => evaluate(TIME_TO_DRAIN, at(change), 300);

  it('is the backlog divided by the messages deleted per second', () => {
    expect(drain({ visible: 900, hidden: 100, deleted: 600 })).toBe(500);
    expect(drain({ deleted: 600 })).toBe(0);
  });

  it('is large, not blank, if no message was deleted', () => {
    expect(drain({ visible: 4000, hidden: 1000 })).toBe(5000 * 300);
    expect(drain({ visible: 4000, hidden: 1000, deleted: undefined })).toBe(5000 * 300);
  });
});

describe('the evaluator', () => {
  it.each([
    ['1 + 2 * 3 - 4 / 2', 5],
    ['IF(a > 1 OR missing > 1, 1, 0)', undefined],
    ['IF(a > 1 AND b >= 3, a, b)', 2],
    ['a + missing', undefined],
    ['SUM([a, missing, b])', 5],
    ['SUM([missing])', undefined],
    ['a * PERIOD(a)', 120],
  ])('evaluates %s as CloudWatch does', (expression, result) => {
    expect(evaluate(expression, { a: 2, b: 3, missing: undefined }, 60)).toBe(result);
  });

  it.each(['FILL(a, 0)', 'unknown', '1 +', 'a b', '[a]', 'a % 2'])('refuses %s', (expression) => {
    expect(() => evaluate(expression, { a: 2 }, 60)).toThrow(
      /does not know|there is no metric|not a single value/,
    );
  });
});
