import type { Problem } from '../../contract/types.ts';
import { sentence } from './words.ts';

/** What a request ended with, in words for people. */
export class RequestFailed extends Error {
  override readonly name = 'RequestFailed';
  /** 0 when there was no answer. */
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** Asks the interface for JSON. @throws RequestFailed */
export async function call<T>(method: string, path: string, body?: object): Promise<T> {
  const answer = await request(method, path, body);
  return (await answer.json()) as T;
}

/** @throws RequestFailed when there is no answer, or none of success */
export async function request(method: string, path: string, body?: object): Promise<Response> {
  let answer: Response;
  try {
    answer = await fetch(path, {
      method,
      ...(body === undefined
        ? {}
        : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
  } catch {
    throw new RequestFailed(0, 'The server could not be reached.');
  }
  if (answer.ok) return answer;
  const problem = (await answer.json().catch(() => ({}))) as Partial<Problem>;
  throw new RequestFailed(
    answer.status,
    problem.detail ?? `The server answered with status ${answer.status}.`,
  );
}

/** What went wrong, as a sentence. */
export function reasonOf(error: unknown): string {
  return sentence(error instanceof Error ? error.message : String(error));
}
