import * as z from 'zod';
import { json, problemResponses, route } from './describe.ts';
import { batchId, count, objectKey } from './fields.ts';
import { LIMITS } from './limits.ts';

const STATES = ['converted', 'failed', 'pending', 'ignored'] as const;
const params = z.object({ batch: batchId });
const basis = z
  .literal('listings')
  .describe(
    'What the response is based on: keys and dates. After the newest version of an upload is deleted, it still ' +
      'shows the status of that version; `GET /objects/{key}` is exact.',
  );
const countsSchema = z
  .object({
    batch: batchId,
    basis,
    uploaded: count.describe(
      'Number of files in the bucket: the sum of `converted`, `failed`, `pending` and `ignored`.',
    ),
    converted: count,
    failed: count,
    pending: count,
    ignored: count.describe(
      'Nothing to convert: folder placeholders, and files whose names the recipe ignores.',
    ),
    truncated: z
      .boolean()
      .describe(
        `Whether the batch has more than ${LIMITS.countedUploads} uploads, of which the first are counted.`,
      ),
  })
  .meta({ id: 'BatchCounts' });
const objectSchema = z
  .object({
    key: z.string(),
    name: z.string().describe('The key without the prefix of the batch.'),
    state: z.enum(STATES),
    bytes: z.int(),
    uploadedAt: z.iso.datetime(),
    results: z
      .array(z.object({ rendition: z.string(), key: z.string(), bytes: z.int() }))
      .optional()
      .describe('Results of a converted object: see `GET /results/{key}`.'),
    reason: z
      .object({ code: z.string(), message: z.string(), attempts: z.int() })
      .optional()
      .describe('Why it failed.'),
  })
  .meta({ id: 'BatchObject' });
const objectsSchema = z
  .object({
    basis,
    objects: z.array(objectSchema),
    next: z
      .string()
      .optional()
      .describe('Present if there may be more objects. Pass it as `after` to get the next page.'),
  })
  .meta({ id: 'BatchObjects' });

export const getBatch = {
  ...route('getBatch'),
  summary: 'Returns the progress of a batch',
  request: { params },
  responses: {
    200: { description: 'The counts; all 0 as long as nothing was uploaded', ...json(countsSchema) },
    ...problemResponses(400, 502),
  },
};

export const listBatch = {
  ...route('listBatch'),
  summary: 'Lists the objects of a batch in key order',
  request: {
    params,
    query: z.object({
      state: z.enum(STATES).optional(),
      after: objectKey.optional(),
      limit: z.coerce.number<number | string>().int().min(1).max(LIMITS.listedObjects).default(50),
    }),
  },
  responses: {
    200: { description: 'One page', ...json(objectsSchema) },
    ...problemResponses(400, 502),
  },
};
