import { EventEmitter } from 'node:events';
import { ThreadsPoolWorker, type PoolOptions, type PoolWorker, type WorkerRequest } from 'vitest/node';

/** Runs before a thread is replaced, so that leftovers of the tests do not accumulate. */
const RUNS_OF_A_THREAD = 200;

/**
 * Returns a vitest pool whose only thread is reused from run to run and keeps all packages loaded and, unless tests
 * are isolated, the project's own modules. Stryker switches mutants at run time; reloading the AWS SDK for each mutant
 * would be most of the work.
 */
export function warmThread() {
  let thread: Thread | undefined;
  return {
    end: async () => thread?.end(),
    name: 'warm-thread',
    createPoolWorker(options: PoolOptions): PoolWorker {
      if (thread === undefined || thread.worn()) {
        void thread?.end();
        thread = new Thread(options);
      }
      return thread.nextRun();
    },
  };
}

class Thread extends ThreadsPoolWorker {
  private runs = 0;
  private begun = false;

  worn(): boolean {
    return this.runs >= RUNS_OF_A_THREAD;
  }

  async end(): Promise<void> {
    if (this.begun) await super.stop();
  }

  nextRun(): PoolWorker {
    this.runs += 1;
    const answers = new EventEmitter();
    const listeners: [string, (value: unknown) => void][] = [];
    return {
      name: 'warm-thread',
      on: (event, callback) => {
        listeners.push([event, callback]);
        answers.on(event, callback);
        this.on(event, callback);
      },
      off: (event, callback) => {
        answers.off(event, callback);
        this.off(event, callback);
      },
      send: (message: WorkerRequest) => {
        // The thread receives every start, with the names of the tests to run, but no stop.
        if (message.type !== 'stop') this.send(message);
        else
          setImmediate(() => answers.emit('message', { type: 'stopped', __vitest_worker_response__: true }));
      },
      deserialize: (data) => data,
      start: async () => {
        if (!this.begun) await this.start();
        this.begun = true;
      },
      stop: async () => {
        for (const [event, callback] of listeners) this.off(event, callback);
      },
    };
  }
}
