import { COMPLETE_HEADER, ROUTES, type OperationId } from '../contract/routes.ts';
import type { AnswerOf, DeadLetterFilter, RequestOf } from '../contract/types.ts';
import { defined } from '../core/defined.ts';
import { ApiError, apiErrorOf } from './api-error.ts';
import { responseTo } from './no-response.ts';
import { withRetries, type RetryOptions } from './with-retries.ts';
import { bodyOf, pathOf, type Values } from './request.ts';

/** Operations that do not return JSON. */
type Other = 'getResult' | 'previewSource' | 'exportDeadLetters';
type JsonOperation = Exclude<OperationId, Other>;
type Arguments<Request> = unknown extends Request
  ? []
  : Partial<Request> extends Request
    ? [request?: Request]
    : [request: Request];

/** A function for each operation of the API, by operation id. Each throws ApiError or NoResponseError. */
export type Client = {
  [Id in JsonOperation]: (
    ...request: Arguments<RequestOf<Id>>
  ) => Promise<[AnswerOf<Id>] extends [never] ? void : AnswerOf<Id>>;
} & {
  /** Returns dead letters as JSON lines, and whether they are complete. */
  exportDeadLetters(filter?: DeadLetterFilter): Promise<{ lines: string; complete: boolean }>;
  /** Returns the address of a redirecting operation, for links and images. */
  addressOf<Id extends 'getResult' | 'previewSource'>(id: Id, request: RequestOf<Id>): string;
};

export interface ClientOptions extends RetryOptions {
  /** The API's address. By default, paths are relative, for pages on the API's own origin. */
  url?: string;
  /**
   * Sends requests, with what allows them: a header, a signature. The global `fetch` by default. `signal` ends a
   * request that takes longer than any response of the API.
   */
  fetch?: (
    url: string,
    init: { method: string; headers: Record<string, string>; body?: string; signal: AbortSignal },
  ) => Promise<Response>;
  /** Called with each JSON response before it is returned. By default, responses are not checked. */
  check?: (id: OperationId, status: number, answer: unknown) => unknown;
}

/** The API responds within half a minute or not at all. This includes the transfer of the whole response. */
const ANSWER_MILLISECONDS = 120_000;

/** Operations that a retry could execute twice. */
const TRIED_ONCE: ReadonlySet<OperationId> = new Set(['createRedrive', 'cancelRedrive', 'purgeDeadLetters']);

/** Returns a client for the HTTP API, for browsers and Node. */
export function createClient(options: ClientOptions = {}): Client {
  const { url = '', check = (_id, _status, answer) => answer } = options;
  const base = url.replace(/\/$/, '');
  const addressOf = (id: OperationId, request: Values) => base + pathOf(id, request);

  async function ask(id: OperationId, request: Values) {
    const body = bodyOf(id, request);
    const headers: Record<string, string> = body === undefined ? {} : { 'content-type': 'application/json' };
    const init = defined({ method: ROUTES[id].method.toUpperCase(), headers, body });
    const address = addressOf(id, request);
    const send = async () => {
      const signal = AbortSignal.timeout(ANSWER_MILLISECONDS);
      const named = { method: init.method, url: address };
      const sent = { ...init, signal };
      const answer = await (options.fetch?.(address, sent) ?? responseTo(named, fetch(address, sent)));
      const text = await responseTo(named, answer.text());
      return { ok: answer.ok, status: answer.status, headers: answer.headers, text };
    };
    const answer = await withRetries(send, TRIED_ONCE.has(id) ? { attempts: 1 } : options);
    if (!answer.ok && !(id === 'getObject' && isStatus(answer.text)))
      throw apiErrorOf(answer.status, answer.text);
    return answer;
  }

  async function call(id: OperationId, request: Values = {}): Promise<unknown> {
    const { status, text } = await ask(id, request);
    return status === 204 ? undefined : check(id, status, parsed(status, text));
  }

  const operations = Object.keys(ROUTES).map((id) => [
    id,
    (request?: Values) => call(id as OperationId, request),
  ]);
  return {
    ...(Object.fromEntries(operations) as Record<JsonOperation, never>),
    async exportDeadLetters(filter = {}) {
      const { text, headers } = await ask('exportDeadLetters', { ...filter });
      return { lines: text, complete: headers.get(COMPLETE_HEADER) !== 'false' };
    },
    addressOf,
  };
}

/** @throws ApiError for a response from something between the client and the API */
function parsed(status: number, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    const found = text === '' ? 'nothing' : `what is not JSON: ${text.slice(0, 200)}`;
    throw new ApiError(status, `the API answered ${status} and ${found}`);
  }
}

/** Whether a 404 means that an object is unknown, which is a status and not a failure. */
function isStatus(text: string): boolean {
  return /^\{.*"status":"unknown"/.test(text);
}
