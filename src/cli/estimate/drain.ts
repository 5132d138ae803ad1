import type { Ramp } from './event-source.ts';

/** Messages in a queue, one per object. */
export interface Load {
  objects: number;
  /** Messages that each invocation receives. */
  batchSize: number;
  /** Seconds that an invocation spends on each object. */
  secondsEach: number;
}

/** A simulated invocation. Times are seconds after the first message. */
export interface Invocation {
  begin: number;
  end: number;
  objects: number;
  /** Concurrent invocations when it began, including this one. */
  concurrency: number;
}

/**
 * Simulates an event source that drains a queue. Yields invocations in the order in which they begin. A free slot
 * takes the next batch at once, and slots are added one by one, as the ramp says.
 */
export function* drain(
  { objects, batchSize, secondsEach }: Load,
  { start, perSecond, limit }: Ramp,
): Generator<Invocation, void> {
  // All full batches take the same time, so slots become free in the order in which they were taken.
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

/** The totals of a drain. */
export interface Drained {
  /** Seconds from the first message to the end of the last invocation. */
  seconds: number;
  invocations: number;
  /** Highest number of concurrent invocations. */
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
