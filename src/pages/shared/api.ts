import { ApiError } from '../../client/api-error.ts';
import { createClient, type ClientOptions } from '../../client/client.ts';
import { sentence } from './words.ts';
import { messageOf } from '../../core/message-of.ts';

const fetchOrSay: ClientOptions['fetch'] = (url, init) =>
  fetch(url, init).catch(() => {
    throw new Error('The server could not be reached.');
  });

/** The client for the API that served the page. Without retries, because pages poll. */
export const api = createClient({ attempts: 1, fetch: fetchOrSay });

/** The same, for requests that are made once: it tries again. */
export const patientApi = createClient({ fetch: fetchOrSay });

/** Returns an error's message as a sentence. */
export function reasonOf(error: unknown): string {
  if (error instanceof ApiError && error.code === undefined)
    return `The server answered with status ${error.status}.`;
  return sentence(messageOf(error));
}
