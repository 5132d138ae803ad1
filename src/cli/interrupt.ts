import { setMaxListeners } from 'node:events';
import { EXIT } from './exit-codes.ts';

/** npm forwards a Ctrl-C that its child already received from the terminal. It does not count as a second Ctrl-C. */
const SAME_KEYSTROKE_MILLISECONDS = 500;

/** Calls `ask` at the first Ctrl-C or SIGTERM; a second one ends the process at once. */
export function onInterrupt(ask: () => void): void {
  let askedAt: number | undefined;
  const listen = () => {
    if (askedAt !== undefined && performance.now() - askedAt > SAME_KEYSTROKE_MILLISECONDS)
      process.exit(EXIT.interrupted);
    if (askedAt !== undefined) return;
    askedAt = performance.now();
    ask();
  };
  process.on('SIGINT', listen).on('SIGTERM', listen);
}

/**
 * Returns a signal that the first Ctrl-C aborts, for work that finishes what is in flight. A second Ctrl-C ends the
 * process.
 */
export function interruptible(): AbortSignal {
  const interruption = new AbortController();
  // Each file in flight adds a listener.
  setMaxListeners(0, interruption.signal);
  onInterrupt(() => {
    interruption.abort();
    const newLine = process.stderr.isTTY ? '\n' : '';
    process.stderr.write(`${newLine}finishing what is in flight; press Ctrl-C again to end at once\n`);
  });
  return interruption.signal;
}
