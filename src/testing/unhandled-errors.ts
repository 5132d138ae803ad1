import { setImmediate } from 'node:timers/promises';

const EVENTS = ['unhandledRejection', 'uncaughtException'] as const;

/**
 * Runs code and collects the unhandled errors.
 * @throws Error if there was an unhandled error, which would crash the worker's process
 */
export async function withoutUnhandledErrors<T>(run: () => Promise<T>): Promise<T> {
  const stray: unknown[] = [];
  const note = (error: unknown) => stray.push(error);
  for (const event of EVENTS) process.on(event, note);
  try {
    return await run();
  } finally {
    await setImmediate();
    for (const event of EVENTS) process.off(event, note);
    mustBeNone(stray);
  }
}

function mustBeNone(stray: readonly unknown[]): void {
  if (stray.length === 0) return;
  const [cause] = stray;
  throw new Error(`it left an unhandled error, which would crash the worker's process: ${String(cause)}`, {
    cause,
  });
}
