/** Time as the local models see it, so that a simulation can own it. Milliseconds since the epoch. */
export interface Clock {
  now(): number;
  /** Calls `run` once after `ms`; the answer cancels it. Does not keep the process alive. */
  after(ms: number, run: () => void): () => void;
}

/** Follows the machine's clock when that goes forward, and goes on at its own pace when that goes back. */
export function steadyClock(wall: () => number, elapsed: () => number): Pick<Clock, 'now'> {
  let last = { now: wall(), at: elapsed() };
  return {
    now() {
      const at = elapsed();
      last = { now: Math.max(wall(), last.now + at - last.at), at };
      return Math.floor(last.now);
    },
  };
}

export const systemClock: Clock = {
  ...steadyClock(
    () => Date.now(),
    () => performance.now(),
  ),
  after(ms, run) {
    const timer = setTimeout(run, Math.min(ms, 2_147_483_647));
    timer.unref();
    return () => clearTimeout(timer);
  },
};
