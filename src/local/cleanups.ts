/** Cleanup steps for when a pipeline ends or fails to start. They run in reverse order. */
export interface Cleanups {
  add(cleanup: () => void | Promise<void>): void;
  /** Runs the steps, once. */
  run(): Promise<void>;
}

function createCleanups(): Cleanups {
  const cleanups: (() => void | Promise<void>)[] = [];
  return {
    add: (cleanup) => void cleanups.push(cleanup),
    async run() {
      for (const cleanup of cleanups.toReversed()) await cleanup();
      cleanups.length = 0;
    },
  };
}

/** Starts something. If the start fails, runs the cleanup steps added so far. */
export async function withCleanups<T>(start: (cleanups: Cleanups) => Promise<T>): Promise<T> {
  const cleanups = createCleanups();
  try {
    return await start(cleanups);
  } catch (error) {
    await cleanups.run();
    throw error;
  }
}
