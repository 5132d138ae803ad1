/** Cleanup steps for when a pipeline ends or fails to start. They run in reverse order. */
export interface Cleanups {
  add(cleanup: () => void | Promise<void>): void;
  /** Runs the steps, once. */
  run(): Promise<void>;
}

export function createCleanups(): Cleanups {
  const cleanups: (() => void | Promise<void>)[] = [];
  return {
    add: (cleanup) => void cleanups.push(cleanup),
    async run() {
      for (const cleanup of cleanups.toReversed()) await cleanup();
      cleanups.length = 0;
    },
  };
}
