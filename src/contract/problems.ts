import * as z from 'zod';

/** The HTTP API's codes, in addition to those in `src/core/codes.ts`. */
export const PROBLEMS = {
  'request.invalid': 'the request is not what the interface asks for',
  'request.too_large': 'the request has more bytes than the interface takes',
  'request.forbidden': 'the request comes from a page or for a host that this server does not know',
  'route.unknown': 'there is no such route',
  'route.forbidden': 'the gateway took the path for another route, which has another permission',
  'object.unknown': 'there is no such object',
  'upload.unknown': 'there is no such multipart upload: it was completed, aborted or never started',
  'upload.incomplete': 'S3 does not accept the parts as a whole object',
  'dead_letter.unknown': 'there is no such dead letter: it was moved, purged, or has expired',
  'redrive.unknown': 'there is no such redrive',
  'redrive.ended': 'the redrive is over',
  'storage.unavailable': 'S3, SQS or another service did not answer or returned an error',
  'api.unreachable': 'the API of the deployment did not answer',
  'internal.unexpected': 'the server failed with an unexpected error',
} as const;

export type ProblemCode = keyof typeof PROBLEMS;

/** RFC 9457, with a stable `code`. */
export const problemSchema = z
  .object({
    type: z.literal('about:blank'),
    title: z.string().describe('The code in words.'),
    status: z.int(),
    code: z.string().describe('Stable code for programs.'),
    detail: z.string().describe('What was wrong, where, and what to do.'),
    errors: z
      .array(
        z.object({
          where: z.string().describe('Path in the request, such as `files[3].size`.'),
          what: z.string(),
        }),
      )
      .optional()
      .describe('The mistakes in an invalid request, up to a hundred.'),
  })
  .meta({ id: 'Problem' });
