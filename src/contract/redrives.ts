import * as z from 'zod';
import { filterSchema } from '../core/dead-letter-filter.ts';
import { REDRIVE_LIMITS } from '../core/redrive-limits.ts';
import { redriveRecordSchema } from '../core/redrive-record.ts';
import { groupsSchema } from './dead-letters.ts';
import { json, problemResponses, route } from './describe.ts';
import { count } from './fields.ts';
import { LIMITS } from './limits.ts';

const params = z.object({
  id: z.string().regex(/^[\w-]{1,100}$/, 'expected the id of a redrive, as `POST /ops/redrives` answers it'),
});

export const redriveRequestSchema = z
  .strictObject({
    filter: filterSchema.default({}),
    canary: z.int().min(1).max(REDRIVE_LIMITS.canary).optional(),
    rate: z.int().min(1).max(REDRIVE_LIMITS.rate).optional().describe('Messages per second.'),
    stopIfFailing: z
      .number()
      .min(0)
      .max(1)
      .default(0.2)
      .describe('Share of failures above which the redrive stops, from 0 to 1.'),
    reason: z.string().max(500).default('').describe('Reason, kept in the record of the redrive.'),
    plan: z.boolean().default(false).describe('Only return what would be moved.'),
  })
  .meta({ id: 'RedriveRequest' });

export const redriveSchema = redriveRecordSchema.meta({ id: 'Redrive' });

export const redrivesSchema = z
  .object({
    redrives: z.array(redriveSchema).describe('The most recent redrives, newest first.'),
    moveTasks: z.array(
      z.object({ status: z.string(), moved: count, toMove: count, reason: z.string().optional() }),
    ),
  })
  .meta({ id: 'Redrives' });

export const createRedrive = {
  ...route('createRedrive'),
  summary: 'Redrives dead letters; with `plan`, only returns what would be moved',
  request: { body: { required: true, ...json(redriveRequestSchema) } },
  responses: {
    200: { description: 'What would be moved', ...json(groupsSchema) },
    202: { description: 'It has begun', ...json(redriveSchema) },
    ...problemResponses(400, 413, 415, 502),
  },
};

export const listRedrives = {
  ...route('listRedrives'),
  summary: `The latest ${LIMITS.listedRedrives} redrives, and the move tasks of SQS`,
  responses: { 200: { description: 'Newest first', ...json(redrivesSchema) }, ...problemResponses(502) },
};

export const getRedrive = {
  ...route('getRedrive'),
  summary: 'Returns the progress of a redrive',
  request: { params },
  responses: {
    200: { description: 'Its record', ...json(redriveSchema) },
    ...problemResponses(400, 404, 502),
  },
};

export const cancelRedrive = {
  ...route('cancelRedrive'),
  summary: 'Cancels a redrive; dead letters that were not moved stay in their queue',
  request: { params },
  responses: {
    200: { description: 'It was asked', ...json(redriveSchema) },
    ...problemResponses(400, 404, 409, 502),
  },
};
