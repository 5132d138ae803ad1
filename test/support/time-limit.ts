import { TestRunner, vi } from 'vitest';

/** Milliseconds for a test or a hook. They only stop tests that hang, and say nothing about speed. */
export const TIME_LIMIT = 180_000;

const SHARE_FOR_WAITING = 0.8;

let limit = TIME_LIMIT;

/** Gives the tests and hooks of the current file this many milliseconds each. */
export function setTimeLimit(milliseconds: number): void {
  limit = milliseconds;
  vi.setConfig({ testTimeout: limit, hookTimeout: limit });
}

/**
 * Returns how many milliseconds to wait for something. A wait that reaches vitest's own limit could not say what was
 * missing, and vitest stops a test without a reason.
 */
export function longestWait(): number {
  return SHARE_FOR_WAITING * (TestRunner.getCurrentTest()?.timeout ?? limit);
}
