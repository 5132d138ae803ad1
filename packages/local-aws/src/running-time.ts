/** A period in which the pipeline ran. Milliseconds since the epoch. */
export interface Run {
  from: number;
  to: number;
}

/**
 * Knows how long the pipeline has run since an instant. Retention and lifecycle rules count this time: while nothing
 * ran, nobody could receive a message or see an alarm, so nothing gets older.
 */
export interface RunningTime {
  /** Adds the time from the last call until `now`, of which the pipeline ran for `ran`. */
  add(now: number, ran: number): void;
  since(at: number): number;
  /** The oldest first. */
  runs(): readonly Run[];
}

/** A difference up to this is drift of the clock. Milliseconds. */
const DRIFT = 1000;
/** More than this are merged, the oldest first. */
const MOST_RUNS = 100;

/** @param earlier runs of earlier processes, the oldest first */
export function createRunningTime(earlier: readonly Run[], start: number): RunningTime {
  const runs = earlier.map((run) => ({ ...run }));
  let current = begin(start);

  function begin(at: number): Run {
    const run = { from: at, to: at };
    runs.push(run);
    const [oldest, next] = runs;
    if (runs.length > MOST_RUNS && oldest !== undefined && next !== undefined) {
      // As if the second had followed the first at once: what was stored in it becomes younger, and nothing older.
      const merged = { from: oldest.from, to: oldest.to + (next.to - next.from) };
      runs.splice(0, 2, merged);
    }
    return run;
  }

  return {
    add(now, ran) {
      if (now - current.to - ran <= DRIFT) {
        current.to = now;
        return;
      }
      current.to += ran;
      current = begin(now);
    },
    since(at) {
      let sum = 0;
      for (const { from, to } of runs.toReversed()) {
        if (to <= at) break;
        sum += to - Math.max(from, at);
      }
      return sum;
    },
    runs: () => runs,
  };
}
