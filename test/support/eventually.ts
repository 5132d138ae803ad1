import { setTimeout as sleep } from 'node:timers/promises';

/** Waits for the next second of the clock: S3 dates objects in whole seconds, and what has one date looks alike. */
export async function nextSecond(): Promise<void> {
  const now = Date.now();
  do await sleep(1000 - (now % 1000));
  while (Math.floor(Date.now() / 1000) === Math.floor(now / 1000));
}

/**
 * Asks again and again until the answer is there, and answers it. The limit is no expectation of speed: it only
 * turns a hang into a failure that says what was waited for.
 */
export async function eventually<T>(
  what: string,
  ask: () => Promise<T | undefined | false>,
  seconds = 480,
): Promise<T> {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    if (Date.now() > end) throw new Error(`waited ${seconds} s in vain until ${what}`);
    await sleep(50);
  }
}
