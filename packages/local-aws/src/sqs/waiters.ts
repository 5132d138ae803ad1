import type { Clock } from '../clock.ts';

/** Requests that wait for a message. */
export interface Waiters {
  any(): boolean;
  /** Ends every wait. */
  wake(): void;
  /**
   * Resolves when all are woken, the signal is aborted, or the time is over.
   * @param onWait called once the wait has begun
   */
  wait(signal: AbortSignal, milliseconds: number, onWait: () => void): Promise<void>;
}

export function createWaiters(clock: Clock): Waiters {
  const waiters = new Set<() => void>();
  return {
    any: () => waiters.size > 0,
    wake() {
      for (const waiter of waiters) waiter();
    },
    wait: (signal, milliseconds, onWait) =>
      new Promise((resolve) => {
        let cancelTimeout: () => void = () => undefined;
        const done = () => {
          waiters.delete(done);
          cancelTimeout();
          signal.removeEventListener('abort', done);
          resolve();
        };
        if (signal.aborted || milliseconds <= 0) return done();
        if (Number.isFinite(milliseconds)) cancelTimeout = clock.after(milliseconds, done);
        waiters.add(done);
        signal.addEventListener('abort', done, { once: true });
        onWait();
      }),
  };
}
