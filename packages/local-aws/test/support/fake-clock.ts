import type { Clock } from '../../src/clock.ts';

export interface FakeClock extends Clock {
  /** Lets time pass; what is due on the way runs at its own time. */
  advance(milliseconds: number): void;
}

/** Time that stands still until a test moves it. */
export function fakeClock(start = Date.UTC(2026, 0, 1)): FakeClock {
  let now = start;
  let timers: { at: number; run: () => void }[] = [];
  return {
    now: () => now,
    ranSince: (at) => now - Math.max(at, start),
    after(milliseconds, run) {
      const timer = { at: now + milliseconds, run };
      timers.push(timer);
      return () => void (timers = timers.filter((each) => each !== timer));
    },
    advance(milliseconds) {
      const end = now + milliseconds;
      for (;;) {
        const due = timers.filter(({ at }) => at <= end).toSorted((a, b) => a.at - b.at)[0];
        if (due === undefined) break;
        timers = timers.filter((each) => each !== due);
        now = Math.max(now, due.at);
        due.run();
      }
      now = end;
    },
  };
}
