import * as z from 'zod';

/** Codes of the HTTP interface, beside those of `src/core/codes.ts`. */
export const PROBLEMS = {
  'request.invalid': 'the request is not what the interface asks for',
  'request.too_large': 'the request has more bytes than the interface takes',
  'request.forbidden': 'the request comes from a page or for a host that this server does not know',
  'route.unknown': 'there is no such route',
  'object.unknown': 'there is no such object',
  'upload.unknown': 'there is no such upload in parts: it was completed, given up, or never begun',
  'upload.incomplete': 'S3 does not accept the parts as a whole object',
  'dead_letter.unknown': 'there is no such dead letter: it was moved, purged, or has expired',
  'redrive.unknown': 'there is no such redrive',
  'redrive.ended': 'the redrive is over',
  'storage.unavailable': 'S3, SQS or another service did not answer, or answered with an error of its own',
  'api.unreachable': 'the API of the deployment did not answer',
  'internal.unexpected': 'the server failed in a way it has no code for',
} as const;

export type ProblemCode = keyof typeof PROBLEMS;

/** RFC 9457, with a stable `code`. */
export const problemSchema = z
  .object({
    type: z.literal('about:blank'),
    title: z.string().describe('The code in words.'),
    status: z.int(),
    code: z.string().describe('Stable: for programs.'),
    detail: z.string().describe('What was wrong, where, and what to do.'),
    errors: z
      .array(
        z.object({
          where: z.string().describe('Path in the request, as `files[3].size`.'),
          what: z.string(),
        }),
      )
      .optional()
      .describe('Every mistake of an invalid request; the first hundred.'),
  })
  .meta({ id: 'Problem' });

export type Problem = z.infer<typeof problemSchema>;

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

/** Thrown by a route: what is wrong with the request. */
export class RequestProblem extends Error {
  override readonly name = 'RequestProblem';
  readonly response: Response;

  constructor(...args: Parameters<typeof problem>) {
    super(args[2]);
    this.response = problem(...args);
  }
}

/** The answer to a request that its schema refuses. */
export function invalid({ issues }: z.core.$ZodError): Response {
  const errors = issues.slice(0, 100).map(({ path, message }) => {
    return { where: z.core.toDotPath(path) || '(the whole)', what: message };
  });
  const more = issues.length > 1 ? `; ${issues.length - 1} more in \`errors\`` : '';
  return problem(400, 'request.invalid', `${errors[0]?.where}: ${errors[0]?.what}${more}`, errors);
}

/** What every route may answer, for the description. */
export function problemResponses(...statuses: number[]) {
  const answer = (description: string) => ({
    description,
    content: { 'application/problem+json': { schema: problemSchema } },
  });
  return Object.fromEntries(statuses.map((status) => [status, answer(DESCRIPTIONS[status] ?? 'It failed')]));
}

const DESCRIPTIONS: Readonly<Record<number, string>> = {
  400: 'The request is invalid; `errors` names every mistake',
  404: 'There is no such thing',
  409: 'It is not in a state to do this',
  413: 'The request is too large',
  415: 'The body is not said to be `application/json`',
  502: 'S3 or another service failed',
};
