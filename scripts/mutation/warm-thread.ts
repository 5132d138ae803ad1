import { EventEmitter } from 'node:events';
import { ThreadsPoolWorker, type PoolOptions, type PoolWorker, type WorkerRequest } from 'vitest/node';

/** Runs of one thread before a new one takes its place: what tests leave behind must not pile up. */
const RUNS_OF_A_THREAD = 200;

/**
 * A pool of vitest whose only thread lives on from run to run, with all packages loaded, and unless the tests are
 * isolated with the project's own modules too. Stryker switches mutants while they run, so that loading the AWS SDK
 * again for each of them would be most of the work.
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
        // The thread is told of every start, which brings the names of the tests to run, but of no end.
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
