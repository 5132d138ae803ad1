import * as z from 'zod';
import { redriveRecordSchema } from '../ops/redrive/record.ts';

/** What the routes of the operations take and give, and the operations page with them. */

const count = z.int().min(0);
const time = z.iso.datetime();

/** `GET /ops/summary` */
export const summarySchema = z
  .object({
    deadLetters: count.describe('Messages of the dead-letter queue that may be received.'),
    queueName: z.string().describe('Of the dead-letter queue; whoever purges it types it.'),
    retentionSeconds: count.describe('For how long the dead-letter queue keeps a message.'),
    queues: z
      .object({
        conversion: z.object({ visible: count, inFlight: count, delayed: count }),
        retry: z.object({ visible: count, inFlight: count, delayed: count }),
      })
      .describe('How much is waiting.'),
    minutes: z
      .array(z.object({ at: time, converted: count, rejected: count, failed: count }))
      .describe('The last sixty minutes, oldest first; `failed` are messages that were not settled.'),
    alarm: z.enum(['ok', 'alarm', 'insufficient data']).optional().describe('Of the alarm on dead letters.'),
  })
  .meta({ id: 'OperationsSummary' });

/** Which dead letters are meant, as the command's options say it; every part that is given must hold. */
export const filterSchema = z
  .strictObject({
    code: z.string().max(100).optional(),
    prefix: z.string().max(1024).optional().describe('The key begins with it.'),
    key: z.string().max(1024).optional().describe('The key, or the message id.'),
    since: time.optional().describe('Sent at that time or later.'),
  })
  .meta({ id: 'DeadLetterFilter' });

export const groupSchema = z
  .object({
    code: z.string(),
    count,
    oldest: time,
    expires: time.describe('When the oldest expires.'),
    sample: z.string().describe('Key of one of them; the message id where it speaks of none.'),
    message: z.string(),
    retryCanHelp: z.boolean(),
  })
  .meta({ id: 'DeadLetterGroup' });

/** `GET /ops/dead-letters`, with the filter in the query */
export const groupsSchema = z
  .object({
    groups: z.array(groupSchema),
    total: count,
    complete: z.boolean().describe('Whether all were read; else the counts are of those that were.'),
  })
  .meta({ id: 'DeadLetterGroups' });

export const letterSchema = z
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

/** `GET /ops/dead-letters/list`, with the filter in the query: the first hundred */
export const lettersSchema = z
  .object({ letters: z.array(letterSchema), complete: z.boolean() })
  .meta({ id: 'DeadLetters' });

/** `GET /ops/dead-letters/{id}`: one in full */
export const letterDetailSchema = letterSchema
  .extend({
    report: z
      .looseObject({})
      .optional()
      .describe('The failure report under the same key, as it is in the failure bucket.'),
    preview: z
      .string()
      .optional()
      .describe(
        'Path of this interface that leads to the source for five minutes; an image, if a browser can show it.',
      ),
  })
  .meta({ id: 'DeadLetterInFull' });

/** `POST /ops/redrives`; answers 202 with the record. With `plan`, 200 with the groups that would be moved. */
export const redriveRequestSchema = z
  .strictObject({
    filter: filterSchema.default({}),
    canary: z.int().min(1).max(1000).optional(),
    rate: z.int().min(1).max(500).optional().describe('Messages a second.'),
    stopIfFailing: z.number().min(0).max(1).default(0.2).describe('A share.'),
    reason: z.string().max(500).default('').describe('Why, for the record.'),
    plan: z.boolean().default(false).describe('Only say what would be moved.'),
  })
  .meta({ id: 'RedriveRequest' });

/** `GET /ops/redrives/{id}`, and `POST /ops/redrives/{id}/cancel` */
export const redriveSchema = redriveRecordSchema.meta({ id: 'Redrive' });

/** `GET /ops/redrives` */
export const redrivesSchema = z
  .object({
    redrives: z.array(redriveSchema).describe('The latest, newest first.'),
    moveTasks: z.array(
      z.object({ status: z.string(), moved: count, toMove: count, reason: z.string().optional() }),
    ),
  })
  .meta({ id: 'Redrives' });

/**
 * `GET /ops/dead-letters/export`, with the filter in the query: JSON lines as the command's `dlq export` writes them.
 * `POST /ops/purges` deletes what such an export holds, and nothing else: the copies are in the caller's hands.
 */
export const purgeRequestSchema = z
  .strictObject({
    queueName: z.string().describe('The name of the dead-letter queue, typed by whoever purges it.'),
    ids: z.array(z.string().max(100)).min(1).max(10_000).describe('Message ids of the export.'),
  })
  .meta({ id: 'PurgeRequest' });

export const purgedSchema = z
  .object({
    deleted: count,
    missing: count.describe('They were not in the queue any more, or, when it is not complete, not met yet.'),
    complete: z
      .boolean()
      .optional()
      .describe('Whether the whole queue was looked through; else purge the same once more.'),
  })
  .meta({ id: 'Purged' });
