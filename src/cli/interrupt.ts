import { setMaxListeners } from 'node:events';
import { EXIT } from './exit-codes.ts';

/** npm passes a Ctrl-C on that its child has had from the terminal already: that is not a second one. */
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

/** A signal that the first Ctrl-C aborts, for work that ends what is in flight; a second one ends the process. */
export function interruptible(): AbortSignal {
  const interruption = new AbortController();
  // Each file in flight adds a listener.
  setMaxListeners(0, interruption.signal);
  onInterrupt(() => {
    interruption.abort();
    const newLine = process.stderr.isTTY ? '\n' : '';
    process.stderr.write(`${newLine}finishing what is in flight; Ctrl-C again ends it at once\n`);
  });
  return interruption.signal;
}
