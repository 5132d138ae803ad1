import type { Context } from 'aws-lambda';
import pLimit from 'p-limit';
import { Retryable } from '../core/errors.ts';
import type { Timing } from '../core/timing.ts';
import type { Config } from './config.ts';

/** One invocation of the function: what it has in hand at the same time, and how long it may go on. */
export interface Invocation {
  readonly context: Context;
  /** Whether a conversion that begins now can use all its seconds and be settled before the function's timeout. */
  canBegin(): boolean;
  /** Whether it has answered without waiting for its work: what is not settled comes again, and settles itself. */
  isOver(): boolean;
  /** Runs the work on a record when it is its turn, or at once when it is too late to begin anything. */
  inTurn<T>(run: () => Promise<T>): Promise<T>;
  /**
   * Runs a conversion when there is a slot for it.
   * @throws Retryable `batch.out_of_time` when none came free in time: then nothing was begun
   */
  inSlot: InSlot;
  /** Resolves with what `run` answers, or with undefined shortly before the function's timeout. */
  beforeTimeout<T>(run: () => Promise<T>): Promise<T | undefined>;
}

export type InSlot = <T>(run: () => Promise<T>) => Promise<T>;

export function outOfTime(): Retryable {
  return new Retryable('batch.out_of_time', 'the batch left too little time for this object');
}

/** For the answer's way to Lambda. */
const ANSWERING_MILLISECONDS = 2000;

/**
 * Slots are those of the invocation, not of the process: what hangs when it answers must not be in the way of the
 * next one.
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

  /** Whoever still waits has waited in vain, and must have time to say so. */
  function endWaiting(): void {
    tooLate = true;
    records.clearQueue();
    slots.clearQueue();
  }

  return {
    context,
    canBegin,
    isOver: () => over,

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
        timers.push(setTimeout(answer, remaining - ANSWERING_MILLISECONDS));
      });
      try {
        return await Promise.race([run(), timeout]);
      } finally {
        for (const timer of timers) clearTimeout(timer);
      }
    },
  };
}
