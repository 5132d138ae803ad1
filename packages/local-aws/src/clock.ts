import { createRunningTime, type Run } from './running-time.ts';

/** The models' time, in milliseconds since the epoch. A simulation can provide its own. */
export interface Clock {
  now(): number;
  /**
   * Returns the milliseconds of running time since an instant. Time when the program was off or suspended does not
   * count.
   */
  ranSince(at: number): number;
  /** Calls `run` once after `ms`. Returns a function that cancels it. Does not keep the process alive. */
  after(ms: number, run: () => void): () => void;
}

/** The machine's clocks, in milliseconds. */
export interface Machine {
  /** Since the epoch; may jump. */
  wall(): number;
  /** Since an arbitrary instant; never goes back. Some systems include time when the machine was suspended. */
  elapsed(): number;
}

export const MACHINE: Machine = { wall: () => Date.now(), elapsed: () => performance.now() };

/** A clock that also records its own and earlier processes' runs. */
export interface RunningClock extends Clock {
  runs(): readonly Run[];
}

/** If more milliseconds than this pass between two readings, the machine was suspended for the rest. */
const LONGEST_STEP = 60_000;

/**
 * Creates a clock that follows the machine's clock forward and continues at its own pace when that goes back, even
 * across processes. Its running time is complete only if it is read at least once a minute.
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
