/** A period in which the program ran. Milliseconds since the epoch. */
export interface Run {
  from: number;
  to: number;
}

/**
 * Measures running time since an instant, for retention and lifecycle rules: while the program was off, nobody could
 * receive a message or see an alarm, so nothing ages.
 */
export interface RunningTime {
  /** Adds the time from the last call until `now`, of which the program ran for `ran`. */
  add(now: number, ran: number): void;
  since(at: number): number;
  /** Oldest first. */
  runs(): readonly Run[];
}

/** Differences up to this many milliseconds are clock drift. */
const DRIFT = 1000;
/** Above this number, the oldest runs are merged. */
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
      // Merges as if the second run had followed the first at once: items stored in it become newer, and none older.
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
