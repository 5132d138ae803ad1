import * as z from 'zod';
import { PROBLEMS, type ProblemCode } from '../contract/problems.ts';
import type { Problem } from '../contract/types.ts';

/** Returns a problem response: RFC 9457, with a stable `code`. */
export function problem(
  status: number,
  code: ProblemCode,
  detail: string,
  errors?: Problem['errors'],
): Response {
  const body: Problem = { type: 'about:blank', title: PROBLEMS[code], status, code, detail };
  if (errors !== undefined) body.errors = errors;
  return Response.json(body, { status, headers: { 'content-type': 'application/problem+json' } });
}

/** Thrown by a route for an invalid request. */
export class RequestProblem extends Error {
  override readonly name = 'RequestProblem';
  readonly response: Response;

  constructor(...args: Parameters<typeof problem>) {
    super(args[2]);
    this.response = problem(...args);
  }
}

/** Returns the response to a request that its schema refuses. */
export function invalid({ issues }: z.core.$ZodError): Response {
  const errors = issues.slice(0, 100).map(({ path, message }) => {
    return { where: z.core.toDotPath(path) || '(the whole)', what: message };
  });
  const more = issues.length > 1 ? `; ${issues.length - 1} more in \`errors\`` : '';
  return problem(400, 'request.invalid', `${errors[0]?.where}: ${errors[0]?.what}${more}`, errors);
}
