import { EXIT } from './exit-codes.ts';

/**
 * Calls `ask` at the first Ctrl-C or SIGTERM; a second one ends the process at once.
 * @returns how to stop listening
 */
export function onInterrupt(ask: () => void): () => void {
  let asked = false;
  const listen = () => {
    if (asked) process.exit(EXIT.interrupted);
    asked = true;
    ask();
  };
  process.on('SIGINT', listen).on('SIGTERM', listen);
  return () => void process.off('SIGINT', listen).off('SIGTERM', listen);
}
