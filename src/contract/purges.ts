import * as z from 'zod';
import { json, problemResponses, route } from './describe.ts';
import { count } from './fields.ts';
import { LIMITS } from './limits.ts';

export const purgeRequestSchema = z
  .strictObject({
    queueName: z.string().describe('The name of the dead-letter queue, to confirm the purge.'),
    ids: z
      .array(z.string().max(100))
      .min(1)
      .max(LIMITS.purgedDeadLetters)
      .describe('Message ids in the export.'),
  })
  .meta({ id: 'PurgeRequest' });

export const purgedSchema = z
  .object({
    deleted: count,
    missing: count.describe(
      'They were no longer in the queue or, if the purge is incomplete, were not found yet.',
    ),
    complete: z
      .boolean()
      .optional()
      .describe('Whether the whole queue was read. If not, purge the same selection again.'),
  })
  .meta({ id: 'Purged' });

/** Deletes exactly the dead letters in an export, so that the caller has copies. */
export const purgeDeadLetters = {
  ...route('purgeDeadLetters'),
  summary: 'Permanently deletes the dead letters of an export',
  request: { body: { required: true, ...json(purgeRequestSchema) } },
  responses: {
    200: { description: 'They are gone', ...json(purgedSchema) },
    ...problemResponses(400, 413, 415, 502),
  },
};
