import * as z from 'zod';
import { filterSchema } from '../core/dead-letter-filter.ts';
import { json, problemResponses, route } from './describe.ts';
import { count, time } from './fields.ts';
import { LIMITS } from './limits.ts';
import { COMPLETE_HEADER } from './routes.ts';

const groupSchema = z
  .object({
    code: z.string(),
    count,
    oldest: time,
    expires: time.describe('When the oldest one expires.'),
    sample: z.string().describe('Key of one of them, or its message id if it names no object.'),
    message: z.string(),
    retryCanHelp: z.boolean(),
  })
  .meta({ id: 'DeadLetterGroup' });

export const groupsSchema = z
  .object({
    groups: z.array(groupSchema),
    total: count,
    complete: z
      .boolean()
      .describe('Whether every dead letter was read. If false, the counts cover only those that were.'),
  })
  .meta({ id: 'DeadLetterGroups' });

const letterSchema = z
  .object({
    id: z.string(),
    code: z.string(),
    message: z.string(),
    attempts: z.number(),
    objects: z.array(z.object({ bucket: z.string(), key: z.string(), versionId: z.string().optional() })),
    sentAt: time,
    expiresAt: time,
    body: z.string(),
    attributes: z.record(
      z.string(),
      z.object({ type: z.string(), value: z.string().optional(), binary: z.string().optional() }),
    ),
    retryCanHelp: z.boolean(),
  })
  .meta({ id: 'DeadLetter' });

export const lettersSchema = z
  .object({ letters: z.array(letterSchema), complete: z.boolean() })
  .meta({ id: 'DeadLetters' });

export const letterDetailSchema = letterSchema
  .extend({
    report: z
      .looseObject({})
      .optional()
      .describe('The failure report of the same key, as stored in the failure bucket.'),
    preview: z
      .string()
      .optional()
      .describe(
        'API path that redirects to a presigned URL of the source, valid for five minutes. Browsers show it as an image if they can.',
      ),
  })
  .meta({ id: 'DeadLetterInFull' });

export const groupDeadLetters = {
  ...route('groupDeadLetters'),
  summary: 'Counts the dead letters by code, largest group first',
  request: { query: filterSchema },
  responses: { 200: { description: 'The groups', ...json(groupsSchema) }, ...problemResponses(400, 502) },
};

export const listDeadLetters = {
  ...route('listDeadLetters'),
  summary: `The first ${LIMITS.listedDeadLetters} dead letters, in no order`,
  request: { query: filterSchema },
  responses: { 200: { description: 'Each of them', ...json(lettersSchema) }, ...problemResponses(400, 502) },
};

export const EXPORT_TYPE = 'application/x-ndjson';

export const exportDeadLetters = {
  ...route('exportDeadLetters'),
  summary: 'Exports dead letters as JSON lines, as `millrace dlq export` does; `redrive --from` reads them',
  request: { query: filterSchema },
  responses: {
    200: {
      description: 'One JSON document a line',
      headers: z.object({
        [COMPLETE_HEADER]: z
          .enum(['true', 'false'])
          .describe(
            'Whether the export is complete. If false, purge or redrive these dead letters, then export again.',
          ),
      }),
      content: { [EXPORT_TYPE]: { schema: z.string() } },
    },
    ...problemResponses(400, 502),
  },
};

export const getDeadLetter = {
  ...route('getDeadLetter'),
  summary: 'Returns a dead letter with its failure report',
  request: { params: z.object({ id: z.string().min(1).max(100).describe('Message id.') }) },
  responses: {
    200: { description: 'All of it', ...json(letterDetailSchema) },
    ...problemResponses(400, 404, 502),
  },
};
