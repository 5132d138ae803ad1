import type { Ramp } from './event-source.ts';

/** Messages that wait in a queue, one for each object. */
export interface Load {
  objects: number;
  /** Messages that each invocation receives. */
  batchSize: number;
  /** Seconds that an invocation spends on each object. */
  secondsEach: number;
}

/** An invocation that has ended: times in seconds after the first message was there. */
export interface Invocation {
  begin: number;
  end: number;
  objects: number;
  /** Invocations at the same time, this one included, when it began. */
  concurrency: number;
}

/**
 * Simulates an event source that drains a queue; yields each invocation in the order in which they begin. A free place
 * takes the next batch at once, and places open one by one, as the ramp says.
 */
export function* drain(
  { objects, batchSize, secondsEach }: Load,
  { start, perSecond, limit }: Ramp,
): Generator<Invocation, void> {
  // All full batches take the same time, so places become free in the order in which they were taken.
  const freeAt = new Float64Array(limit);
  const opensAt = (place: number) => (place < start ? 0 : (place + 1 - start) / perSecond);
  let opened = 0;
  let reused = 0;
  for (let taken = 0, left = objects; left > 0; taken += 1) {
    const opening = opened < limit ? opensAt(opened) : Number.POSITIVE_INFINITY;
    const free = reused < taken ? (freeAt[reused % limit] ?? 0) : Number.POSITIVE_INFINITY;
    if (free <= opening) reused += 1;
    else opened += 1;
    const begin = Math.min(free, opening);
    const batch = Math.min(batchSize, left);
    left -= batch;
    const end = begin + batch * secondsEach;
    freeAt[taken % limit] = end;
    yield { begin, end, objects: batch, concurrency: opened };
  }
}

/** What a drain comes to. */
export interface Drained {
  /** Seconds from the first message to the end of the last invocation. */
  seconds: number;
  invocations: number;
  /** Highest number of invocations at the same time. */
  concurrency: number;
  /** Seconds after which it was reached. */
  concurrencySeconds: number;
}

export function drained(load: Load, ramp: Ramp): Drained {
  const sum: Drained = { seconds: 0, invocations: 0, concurrency: 0, concurrencySeconds: 0 };
  for (const { begin, end, concurrency } of drain(load, ramp)) {
    sum.invocations += 1;
    sum.seconds = Math.max(sum.seconds, end);
    if (concurrency <= sum.concurrency) continue;
    sum.concurrency = concurrency;
    sum.concurrencySeconds = begin;
  }
  return sum;
}
