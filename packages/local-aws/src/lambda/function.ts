import { setTimeout as delay } from 'node:timers/promises';
import {
  startFunctionProcess,
  type FunctionCode,
  type FunctionProcess,
  type Invoked,
} from './function-process.ts';

/** A function with reserved concurrency: a number of processes that each handle one invocation at a time. */
export interface LocalFunction {
  /** Resolves when every process has loaded its code; rejects if one cannot. */
  ready(): Promise<void>;
  /**
   * Waits for a free process. Callers are served in order, so no event source starves another. Returns undefined if
   * the signal is aborted or the function stopped first.
   */
  acquire(signal: AbortSignal): Promise<Slot | undefined>;
  /** Returns the log paths of all running processes. */
  logFiles(): string[];
  /** Ends all processes, even busy ones. */
  stop(): Promise<void>;
}

/** A free process, reserved for one caller. Call `invoke` or `release` once. */
export interface Slot {
  invoke(event: unknown): Promise<Invoked>;
  release(): void;
}

/** Delay before another attempt to start a process. */
const RESTART_MILLISECONDS = 1000;

export function createLocalFunction(code: FunctionCode, concurrency: number): LocalFunction {
  return createFunctionPool(() => startFunctionProcess(code), concurrency);
}

/**
 * Creates a function from a way to start its processes. A simulation starts them in its own process.
 * @param startProcess returns at once; the process loads its code later, or turns out not to be alive
 */
export function createFunctionPool(startProcess: () => FunctionProcess, concurrency: number): LocalFunction {
  const processes = new Set<FunctionProcess>();
  const free: FunctionProcess[] = [];
  const waiting: ((process: FunctionProcess) => void)[] = [];
  let stopped = false;

  function start(): FunctionProcess {
    const process = startProcess();
    processes.add(process);
    return process;
  }

  function giveBack(process: FunctionProcess): undefined {
    const waiter = waiting.shift();
    if (waiter === undefined) free.push(process);
    else waiter(process);
  }

  function aliveOne(process: FunctionProcess): FunctionProcess {
    if (process.alive) return process;
    processes.delete(process);
    return start();
  }

  /** Waits until a process can be started: a batch received earlier would fail. */
  async function slotOf(given: FunctionProcess, signal: AbortSignal): Promise<Slot | undefined> {
    let process = given;
    for (;;) {
      // A process that is started after `stop` would never end.
      if (stopped || signal.aborted) return giveBack(process);
      process = aliveOne(process);
      if (process.alive) break;
      await delay(RESTART_MILLISECONDS, undefined, { ref: false });
    }
    return {
      async invoke(event) {
        const invoked = await process.invoke(event);
        // A process that timed out may not be gone yet and must not be reused.
        if (invoked.kind === 'timed out' || invoked.kind === 'died') await process.kill();
        giveBack(process);
        return invoked;
      },
      release: () => giveBack(process),
    };
  }

  for (let count = 0; count < concurrency; count += 1) free.push(start());

  return {
    ready: async () => void (await Promise.all([...processes].map((process) => process.ready))),
    acquire(signal) {
      if (signal.aborted) return Promise.resolve(undefined);
      const process = free.shift();
      if (process !== undefined) return slotOf(process, signal);
      return new Promise((resolve) => {
        const take = (given: FunctionProcess) => {
          signal.removeEventListener('abort', leave);
          resolve(slotOf(given, signal));
        };
        const leave = () => {
          waiting.splice(waiting.indexOf(take), 1);
          resolve(undefined);
        };
        signal.addEventListener('abort', leave, { once: true });
        waiting.push(take);
      });
    },
    logFiles: () => [...processes].filter(({ alive }) => alive).map(({ logFile }) => logFile),
    async stop() {
      stopped = true;
      await Promise.all([...processes].map((process) => process.kill()));
    },
  };
}
