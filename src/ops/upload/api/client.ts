import * as z from 'zod';
import { pause } from '../../pause.ts';
import { parseJson } from '../../../core/parse-json.ts';

/** Answers a request to the API: adds what allows it. */
export type Send = (path: string, init: { method: string; body?: Uint8Array }) => Promise<Response>;

/** What the API has said no to. */
export class ApiRefusal extends Error {
  override readonly name = 'ApiRefusal';
  readonly status: number;
  /** Which part of the request was wrong, as `files[3].size`, and what. */
  readonly errors: readonly { where: string; what: string }[];

  constructor(status: number, message: string, errors: readonly { where: string; what: string }[] = []) {
    super(message);
    this.status = status;
    this.errors = errors;
  }
}

const problemSchema = z.object({
  detail: z.string(),
  errors: z.array(z.object({ where: z.string(), what: z.string() })).optional(),
});

const ATTEMPTS = 6;
const FIRST_WAIT_MILLISECONDS = 200;

/**
 * Asks the API and reads its answer. What may pass (no answer, 5xx, 429) is asked again, with growing pauses.
 * @throws ApiRefusal with the status that stayed; the error of `fetch` when there was no answer
 */
export async function ask<T>(
  send: Send,
  schema: z.ZodType<T>,
  path: string,
  { method = 'GET', body, stop }: { method?: string; body?: object; stop: AbortSignal },
): Promise<T> {
  const bytes = body === undefined ? {} : { body: new TextEncoder().encode(JSON.stringify(body)) };
  const answer = await patiently(() => send(path, { method, ...bytes }), stop);
  const text = await answer.text();
  if (!answer.ok) throw refusalOf(answer.status, text);
  return schema.parse(text === '' ? undefined : JSON.parse(text));
}

/** Tries a request again as long as the answer may change by that. */
export async function patiently(request: () => Promise<Response>, stop: AbortSignal): Promise<Response> {
  for (let attempt = 1; ; attempt += 1) {
    const last = attempt === ATTEMPTS || stop.aborted;
    try {
      const answer = await request();
      if (last || (answer.status < 500 && answer.status !== 429)) return answer;
      await answer.body?.cancel();
    } catch (error) {
      if (last) throw error;
    }
    await pause(FIRST_WAIT_MILLISECONDS * 2 ** (attempt - 1), stop);
  }
}

function refusalOf(status: number, text: string): ApiRefusal {
  const parsed = problemSchema.safeParse(parseJson(text));
  if (parsed.success) return new ApiRefusal(status, parsed.data.detail, parsed.data.errors);
  // Of the gateway, before the API had a say.
  return new ApiRefusal(status, `the API answered ${status}: ${text.slice(0, 200)}`);
}
