import type { FromProcess } from './protocol.ts';

/**
 * Sends an event from a function's code to the program that started the function, which receives it through `onEvent`.
 * Does nothing in a process that was not started as a local function.
 * @param event JSON
 */
export function sendEvent(event: unknown): void {
  process.send?.({ kind: 'event', event } satisfies FromProcess);
}
