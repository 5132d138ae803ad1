import { setImmediate } from 'node:timers/promises';

const EVENTS = ['unhandledRejection', 'uncaughtException'] as const;

/**
 * Waits for something, and for errors that nobody handles.
 * @throws Error when there was one: it would end the worker's process
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
  throw new Error(
    `it left an error that nothing handles, which ends the worker's process: ${String(cause)}`,
    {
      cause,
    },
  );
}
