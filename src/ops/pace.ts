import { pause } from './pause.ts';

/** Spaces work out to so many pieces a second, whoever asks. */
export interface Pace {
  /** Resolves when so many may go on; at once when it was aborted. */
  before(count: number): Promise<void>;
  /** Gives back what was not used. */
  unused(count: number): void;
}

/** Milliseconds, from whenever; and how to wait for some. A test has its own. */
interface Time {
  now(): number;
  wait(milliseconds: number, stop: AbortSignal): Promise<void>;
}

export function createPace(
  perSecond: number,
  stop: AbortSignal,
  time: Time = { now: () => performance.now(), wait: pause },
): Pace {
  const milliseconds = 1000 / perSecond;
  let next = time.now();
  return {
    async before(count) {
      const begin = Math.max(next, time.now());
      next = begin + count * milliseconds;
      const left = begin - time.now();
      if (left > 0) await time.wait(left, stop);
    },
    unused(count) {
      next -= count * milliseconds;
    },
  };
}
