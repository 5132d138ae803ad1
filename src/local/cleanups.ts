/** What is to be undone when a pipeline ends, or could not start: what came last goes first. */
export interface Cleanups {
  add(cleanup: () => void | Promise<void>): void;
  /** Does what was added, once. */
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
