import type { Time } from './time.ts';

/** Limits the rate of work in items per second, across all callers. */
export interface Pace {
  /** Items per request: few if the rate is low, and at most ten. */
  readonly portion: number;
  /** Resolves when this many items may continue, or at once if aborted. */
  before(count: number): Promise<void>;
}

const MOST_AT_ONCE = 10;

export function createPace(perSecond: number, stop: AbortSignal, time: Pick<Time, 'now' | 'wait'>): Pace {
  const milliseconds = 1000 / perSecond;
  let next = time.now();
  return {
    portion: Math.max(1, Math.min(MOST_AT_ONCE, Math.floor(perSecond))),
    async before(count) {
      const begin = Math.max(next, time.now());
      next = begin + count * milliseconds;
      const left = begin - time.now();
      if (left > 0) await time.wait(left, stop);
    },
  };
}

/** Splits a list into parts of this length. */
export function portions<T>(all: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, part) =>
    all.slice(part * size, (part + 1) * size),
  );
}
