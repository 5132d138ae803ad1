import { setTimeout as sleep } from 'node:timers/promises';
import { longestWait } from './time-limit.ts';

/** Waits for the clock's next second, because S3's dates have whole seconds and equal dates are indistinguishable. */
export async function nextSecond(): Promise<void> {
  const now = Date.now();
  do await sleep(1000 - (now % 1000));
  while (Math.floor(Date.now() / 1000) === Math.floor(now / 1000));
}

/**
 * Polls until there is a value, and returns it. The time limit says nothing about speed: it only turns a hang into a
 * failure that names what was missing.
 */
export async function eventually<T>(
  what: string,
  ask: () => Promise<T | undefined | false>,
  seconds = longestWait() / 1000,
): Promise<T> {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    if (Date.now() > end) throw inVain(seconds, what);
    await sleep(50);
  }
}

/** Waits for a promise. If it is not settled within the time limit, the error names what was missing. */
export async function inTime<T>(what: string, promise: Promise<T>): Promise<T> {
  const milliseconds = longestWait();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(inVain(milliseconds / 1000, what)), milliseconds);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

function inVain(seconds: number, what: string): Error {
  return new Error(`waited ${seconds} s in vain until ${what}`);
}
