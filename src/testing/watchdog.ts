import { isMainThread, Worker } from 'node:worker_threads';

/** Interrupts code that blocks the event loop, which a timer cannot do. */
export interface Watchdog {
  /** Returns the number of interruptions. */
  interruptions(): number;
  stop(): Promise<void>;
}

interface Watch {
  /** Turns of the event loop, and interruptions. */
  counts: Int32Array;
  seconds: number;
  canInterrupt: boolean;
  message: string;
}

const BEAT_MILLISECONDS = 200;

/**
 * Watches this thread's event loop from another thread. Interrupts blocking code through the inspector. Ends the
 * process if the code cannot be interrupted: outside JavaScript, or outside the main thread (vitest's
 * `--pool=threads`).
 */
export function startWatchdog(name: string, seconds: number): Watchdog {
  const counts = new Int32Array(new SharedArrayBuffer(8));
  const message = `millrace/testing: the conversion ${name} blocks the event loop and cannot be interrupted\n`;
  const workerData: Watch = { counts, seconds, canInterrupt: isMainThread, message };
  const worker = new Worker(`(${String(watch)})()`, { eval: true, workerData, execArgv: [] });
  worker.unref();
  const beat = setInterval(() => Atomics.add(counts, 0, 1), BEAT_MILLISECONDS);
  beat.unref();
  return {
    interruptions: () => Atomics.load(counts, 1),
    async stop() {
      clearInterval(beat);
      await worker.terminate();
    },
  };
}

/** Runs in the other thread. It is passed as source text, so it cannot refer to anything outside itself. */
function watch(): void {
  const { workerData } = process.getBuiltinModule('node:worker_threads');
  const { Session } = process.getBuiltinModule('node:inspector');
  const { writeSync } = process.getBuiltinModule('node:fs');
  const { counts, seconds, canInterrupt, message } = workerData as Watch;
  let last = -1;
  let since = performance.now();
  let interrupted = false;
  setInterval(() => {
    const turns = Atomics.load(counts, 0);
    if (turns !== last) {
      last = turns;
      since = performance.now();
      interrupted = false;
      return;
    }
    if (performance.now() - since < seconds * 1000) return;
    if (interrupted || !canInterrupt) {
      writeSync(2, message);
      process.kill(process.pid, 'SIGKILL');
    }
    interrupted = true;
    since = performance.now();
    Atomics.add(counts, 1, 1);
    const session = new Session();
    session.connectToMainThread();
    session.post('Runtime.terminateExecution', () => session.disconnect());
  }, 100);
}
