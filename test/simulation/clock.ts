import { mock } from 'node:test';
import type { Clock } from '../../src/local/clock.ts';

/** Time that only the simulation moves: for the models, and for whatever asks `Date`. */
export interface VirtualClock extends Clock {
  moveTo(milliseconds: number): void;
}

const START = Date.UTC(2026, 0, 1);

export function virtualClock(): VirtualClock {
  let now = START;
  mock.timers.setTime(now);
  return {
    now: () => now,
    after() {
      throw new Error('nothing in a simulation waits by the clock: the scheduler moves it');
    },
    moveTo(milliseconds) {
      now = Math.max(now, Math.round(milliseconds));
      mock.timers.setTime(now);
    },
  };
}

/** Runs with a `Date` that stands still until a virtual clock moves it. */
export async function withVirtualDate<T>(run: () => Promise<T>): Promise<T> {
  mock.timers.enable({ apis: ['Date'], now: START });
  try {
    return await run();
  } finally {
    mock.timers.reset();
  }
}
