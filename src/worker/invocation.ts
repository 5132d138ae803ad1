import type { Context } from 'aws-lambda';
import pLimit from 'p-limit';
import { Retryable } from '../core/errors.ts';
import { RESPONSE_SECONDS, type Timing } from '../core/timing.ts';
import type { Config } from './config.ts';

/** One invocation of the function, with its concurrency and its deadline. */
export interface Invocation {
  readonly context: Context;
  /** Returns whether a conversion that begins now can use its whole time limit and store its outcome in time. */
  canBegin(): boolean;
  /** Returns whether it has responded without waiting for its work. Unfinished records are received again. */
  hasResponded(): boolean;
  /** Processes a record when its turn comes, or at once if it is too late to begin a conversion. */
  inTurn<T>(run: () => Promise<T>): Promise<T>;
  /**
   * Runs a conversion when a slot is free.
   * @throws Retryable `batch.out_of_time` if no slot became free in time; `run` was not called
   */
  inSlot: InSlot;
  /** Resolves with the result of `run`, or with undefined shortly before the function's timeout. */
  beforeTimeout<T>(run: () => Promise<T>): Promise<T | undefined>;
}

export type InSlot = <T>(run: () => Promise<T>) => Promise<T>;

export function outOfTime(): Retryable {
  return new Retryable('batch.out_of_time', 'the batch left too little time for this object');
}

/**
 * Begins an invocation. Slots belong to the invocation, not to the process: work that hangs when it responds must not
 * block the next invocation.
 */
export function beginInvocation(
  context: Context,
  { inFlight, conversions }: Pick<Config, 'inFlight' | 'conversions'>,
  { beginSeconds }: Pick<Timing, 'beginSeconds'>,
): Invocation {
  const records = pLimit({ concurrency: inFlight, rejectOnClear: true });
  const slots = pLimit({ concurrency: conversions, rejectOnClear: true });
  const beginMilliseconds = beginSeconds * 1000;
  let tooLate = false;
  let over = false;
  const canBegin = () => !tooLate && context.getRemainingTimeInMillis() >= beginMilliseconds;

  /** Releases everything that still waits, while there is time to requeue it. */
  function endWaiting(): void {
    tooLate = true;
    records.clearQueue();
    slots.clearQueue();
  }

  return {
    context,
    canBegin,
    hasResponded: () => over,

    async inTurn(run) {
      let begun = false;
      try {
        return await records(() => {
          begun = true;
          return run();
        });
      } catch (error) {
        if (begun) throw error;
        return run();
      }
    },

    async inSlot(run) {
      let begun = false;
      try {
        return await slots(() => {
          begun = canBegin();
          return begun ? run() : Promise.reject(outOfTime());
        });
      } catch (error) {
        if (begun) throw error;
        throw outOfTime();
      }
    },

    async beforeTimeout(run) {
      const remaining = context.getRemainingTimeInMillis();
      const timers = [setTimeout(endWaiting, remaining - beginMilliseconds)];
      const timeout = new Promise<undefined>((resolve) => {
        const answer = () => {
          over = true;
          resolve(undefined);
        };
        timers.push(setTimeout(answer, remaining - RESPONSE_SECONDS * 1000));
      });
      try {
        return await Promise.race([run(), timeout]);
      } finally {
        for (const timer of timers) clearTimeout(timer);
      }
    },
  };
}
