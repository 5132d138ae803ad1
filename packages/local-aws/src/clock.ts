import { createRunningTime, type Run } from './running-time.ts';

/** Time as the local models see it, so that a simulation can own it. Milliseconds since the epoch. */
export interface Clock {
  now(): number;
  /** Milliseconds that the pipeline has run since an instant: time when it was off or suspended does not count. */
  ranSince(at: number): number;
  /** Calls `run` once after `ms`; the answer cancels it. Does not keep the process alive. */
  after(ms: number, run: () => void): () => void;
}

/** The machine's clocks, in milliseconds. */
export interface Machine {
  /** Since the epoch; may jump. */
  wall(): number;
  /** Since some instant; never goes back. Some systems count the time of a suspended machine, some do not. */
  elapsed(): number;
}

export const MACHINE: Machine = { wall: () => Date.now(), elapsed: () => performance.now() };

/** A clock that knows the runs of earlier processes, and its own. */
export interface RunningClock extends Clock {
  runs(): readonly Run[];
}

/** Time between two looks at the clock of which more counts as suspended. Milliseconds. */
const LONGEST_STEP = 60_000;

/**
 * Follows the machine's clock when that goes forward, and goes on at its own pace when that goes back, also from one
 * process to the next. Somebody must look at it more often than once a minute for its running time to be complete.
 * @param earlier runs of earlier processes, the oldest first
 */
export function createClock(machine: Machine = MACHINE, earlier: readonly Run[] = []): RunningClock {
  let last = { now: Math.max(machine.wall(), earlier.at(-1)?.to ?? 0), at: machine.elapsed() };
  const running = createRunningTime(earlier, last.now);

  function look(): number {
    const at = machine.elapsed();
    const passed = at - last.at;
    last = { now: Math.max(machine.wall(), last.now + passed), at };
    running.add(last.now, Math.min(passed, LONGEST_STEP));
    return last.now;
  }

  return {
    now: () => Math.floor(look()),
    ranSince(at) {
      look();
      return running.since(at);
    },
    runs() {
      look();
      return running.runs();
    },
    after(ms, run) {
      const timer = setTimeout(run, Math.min(ms, 2_147_483_647));
      timer.unref();
      return () => clearTimeout(timer);
    },
  };
}
