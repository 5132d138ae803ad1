/** Seconds of the first wait; each later one is twice as long. */
const BASE_SECONDS = 4;
/** Four waits of the retry lane come to a minute at most: long enough for a throttle or a restart to pass. */
const LONGEST_SECONDS = 60;

/**
 * How long to wait after the given attempt (from 1) has failed: exponential, with the upper half at random, so
 * that objects that failed together do not come back together.
 */
export function backoffSeconds(attempt: number, random: () => number): number {
  const ceiling = Math.min(LONGEST_SECONDS, BASE_SECONDS * 2 ** (attempt - 1));
  return Math.round(ceiling / 2 + (ceiling / 2) * random());
}
