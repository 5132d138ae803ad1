import { ApiError } from '../../client/api-error.ts';
import { createClient } from '../../client/client.ts';
import { sentence } from './words.ts';
import { messageOf } from '../../core/message-of.ts';

/** The client for the API that served the page. Without retries, because pages poll. */
export const api = createClient({
  attempts: 1,
  fetch: (url, init) =>
    fetch(url, init).catch(() => {
      throw new Error('The server could not be reached.');
    }),
});

/** Returns an error's message as a sentence. */
export function reasonOf(error: unknown): string {
  if (error instanceof ApiError && error.code === undefined)
    return `The server answered with status ${error.status}.`;
  return sentence(messageOf(error));
}
