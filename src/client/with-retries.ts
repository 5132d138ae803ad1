import { pause } from '../core/pause.ts';

/** The number of attempts, and what ends them. */
export interface RetryOptions {
  /** Attempts, including the first. */
  attempts?: number | undefined;
  /** Stops retries when aborted. */
  stop?: AbortSignal | undefined;
}

interface Answer {
  status: number;
}

const ATTEMPTS = 6;
const FIRST_WAIT_MILLISECONDS = 200;

/**
 * Retries a request while that may help: if there was no response, or a status of 5xx or 429.
 * @param isTransient returns whether another response is also worth a retry
 * @throws the last attempt's error if there was no response
 */
export async function withRetries<T extends Answer>(
  request: () => Promise<T>,
  { attempts = ATTEMPTS, stop }: RetryOptions,
  isTransient: (answer: T) => boolean = () => false,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    const isLast = () => attempt >= attempts || stop?.aborted === true;
    // Random, so that requests that failed together are not retried together.
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
