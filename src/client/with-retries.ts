import { pause } from '../core/pause.ts';

/** How often a request is tried, and what ends the trying. */
export interface RetryOptions {
  /** Tries, including the first. */
  attempts?: number | undefined;
  /** Nothing is tried again once it is aborted. */
  stop?: AbortSignal | undefined;
}

interface Answer {
  status: number;
}

const ATTEMPTS = 6;
const FIRST_WAIT_MILLISECONDS = 200;

/**
 * Tries a request again while that may change the answer: when there was none, or a status of 5xx or 429.
 * @param isTransient says of which other answers the same is true
 * @throws the error of the last try when it brought no answer
 */
export async function withRetries<T extends Answer>(
  request: () => Promise<T>,
  { attempts = ATTEMPTS, stop }: RetryOptions,
  isTransient: (answer: T) => boolean = () => false,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    const isLast = () => attempt >= attempts || stop?.aborted === true;
    // At random, so that what failed together is not tried again together.
    const wait = () => pause(FIRST_WAIT_MILLISECONDS * 2 ** (attempt - 1) * (0.5 + Math.random()), stop);
    try {
      const answer = await request();
      if (isLast() || !(answer.status >= 500 || answer.status === 429 || isTransient(answer))) return answer;
      await wait();
      if (stop?.aborted) return answer;
    } catch (error) {
      if (isLast()) throw error;
      await wait();
      if (stop?.aborted) throw error;
    }
  }
}
