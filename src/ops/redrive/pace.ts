import { setTimeout as delay } from 'node:timers/promises';

/** Spaces work out to so many pieces a second, whoever asks. */
export interface Pace {
  /** Resolves when so many may go on; at once when it was aborted. */
  before(count: number): Promise<void>;
  /** Gives back what was not used. */
  unused(count: number): void;
}

export function createPace(perSecond: number, stop: AbortSignal): Pace {
  const milliseconds = 1000 / perSecond;
  let next = performance.now();
  return {
    async before(count) {
      const begin = Math.max(next, performance.now());
      next = begin + count * milliseconds;
      const wait = begin - performance.now();
      if (wait > 0) await delay(wait, undefined, { signal: stop }).catch(() => undefined);
    },
    unused(count) {
      next -= count * milliseconds;
    },
  };
}
