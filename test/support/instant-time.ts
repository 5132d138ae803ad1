import { setImmediate } from 'node:timers/promises';
import type { Time } from '../../src/ops/time.ts';

/** A clock whose waits return at once. Its time advances only when something waits. */
export interface InstantTime extends Time {
  /** Runs before the first wait that begins at this time or later. */
  at(milliseconds: number, run: () => unknown): void;
}

/** @param mostWaits after which an operation that never ends fails instead of hanging */
export function instantTime(mostWaits = 1000): InstantTime {
  let now = 0;
  let waits = 0;
  const plans: { at: number; run: () => unknown }[] = [];
  return {
    at: (at, run) => void plans.push({ at, run }),
    now: () => now,
    async wait(milliseconds, signal) {
      waits += 1;
      if (waits > mostWaits) throw new Error(`still waiting after ${now} ms`);
      await setImmediate();
      for (const plan of plans.filter(({ at }) => at <= now)) {
        plans.splice(plans.indexOf(plan), 1);
        await plan.run();
      }
      if (!signal.aborted) now += milliseconds;
    },
    limit(milliseconds) {
      const ended = new AbortController();
      plans.push({ at: now + milliseconds, run: () => ended.abort() });
      return ended.signal;
    },
  };
}
