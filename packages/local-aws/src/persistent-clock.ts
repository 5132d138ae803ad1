import { createClock, type Clock, type Machine } from './clock.ts';
import type { Journal } from './journal.ts';
import type { Run } from './running-time.ts';

/** A clock that keeps its running time across processes. */
export interface PersistentClock {
  clock: Clock;
  /** Starts to write the running time to the journal. */
  start(): void;
  /** Writes the running time for the last time. */
  stop(): void;
}

const KEY = 'clock/runs';
/** Shorter than the longest step of a clock. */
const LOOK_MILLISECONDS = 20_000;
/** Running time that a killed process may lose. Items stored in it seem newer than they are. */
const KEEP_MILLISECONDS = 300_000;

/** Opens the clock of a data folder. It continues from the time that an earlier process reached. */
export async function openClock(journal: Journal, machine?: Machine): Promise<PersistentClock> {
  let earlier: Run[] = [];
  for await (const [key, value] of journal.entries(KEY)) if (key === KEY) earlier = value as Run[];
  const clock = createClock(machine, earlier);
  let timer: NodeJS.Timeout | undefined;
  let keptAt = clock.now();

  function keep(): void {
    keptAt = clock.now();
    journal.put(KEY, clock.runs());
  }

  return {
    clock,
    start() {
      keep();
      timer = setInterval(() => {
        if (clock.now() - keptAt < KEEP_MILLISECONDS) return;
        keep();
        // The journal reports its failures itself.
        journal.flush().catch(() => undefined);
      }, LOOK_MILLISECONDS);
      timer.unref();
    },
    stop() {
      if (timer === undefined) return;
      clearInterval(timer);
      keep();
    },
  };
}
