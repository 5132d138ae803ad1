import { pause } from '../core/pause.ts';

/** How an operation measures time and waits. The simulation passes its own; dates come from `Date`. */
export interface Time {
  /** Returns milliseconds from an arbitrary start. They never go back. */
  now(): number;
  /** Waits; ends early when aborted. */
  wait(milliseconds: number, signal: AbortSignal): Promise<void>;
  /** Returns a signal that aborts after this many milliseconds. */
  limit(milliseconds: number): AbortSignal;
}

export const SYSTEM_TIME: Time = {
  now: () => performance.now(),
  wait: pause,
  limit: (milliseconds) => AbortSignal.timeout(milliseconds),
};
