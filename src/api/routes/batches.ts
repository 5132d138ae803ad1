import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import pLimit from 'p-limit';
import * as z from 'zod';
import { failureKey, resultKey } from '../../core/keys.ts';
import { readReport } from '../../ops/object-status.ts';
import { reconcile } from '../../ops/reconcile.ts';
import type { ReconciledResults } from '../../ops/reconciled.ts';
import { batchIdSchema, batchPrefix } from '../batch.ts';
import type { ApiDeps } from '../deps.ts';
import { keySchema } from '../limits.ts';
import { problemResponses } from '../problem.ts';

/** Uploads that one request looks at: some seconds' worth. */
const MAX_SCANNED = 50_000;
const MAX_OBJECTS = 1000;
const REPORTS_AT_ONCE = 16;

const STATES = ['converted', 'failed', 'pending', 'ignored'] as const;
const params = z.object({ batch: batchIdSchema });
const count = z.int().min(0);
const BASIS = 'listings' as const;
const basis = z
  .literal(BASIS)
  .describe(
    'What the answer is based on: keys and dates. After the newest version of an upload is deleted, it still ' +
      'shows the status of that version; `GET /objects/{key}` is exact.',
  );
const countsSchema = z
  .object({
    batch: batchIdSchema,
    basis,
    uploaded: count.describe('Files that are in the bucket: the sum of the four below.'),
    converted: count,
    failed: count,
    pending: count,
    ignored: count.describe(
      'Nothing to convert: folder placeholders, and files whose names the recipe ignores.',
    ),
    truncated: z
      .boolean()
      .describe(`Whether the batch has more than ${MAX_SCANNED} uploads, of which the first are counted.`),
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
      .describe('Of converted ones: see `GET /results/{key}`.'),
    reason: z.object({ code: z.string(), message: z.string() }).optional().describe('Of failed ones.'),
  })
  .meta({ id: 'BatchObject' });
const objectsSchema = z
  .object({
    basis,
    objects: z.array(objectSchema),
    next: z.string().optional().describe('There may be more: ask again with it as `after`.'),
  })
  .meta({ id: 'BatchObjects' });

export type BatchCounts = z.infer<typeof countsSchema>;
export type BatchObject = z.infer<typeof objectSchema>;
export type BatchObjects = z.infer<typeof objectsSchema>;

export function batchRoutes(app: OpenAPIHono, { s3, deployment }: ApiDeps): void {
  const { uploadBuckets, renditions } = deployment;
  const [first = ''] = uploadBuckets;
  // The interface uploads into the first bucket, so a batch has no objects in others.
  const namespace = { uploadBuckets, renditions: renditions.map((name) => ({ name })) };

  app.openapi(
    createRoute({
      method: 'get',
      path: '/batches/{batch}',
      operationId: 'getBatch',
      summary: 'How far a batch is',
      request: { params },
      responses: {
        200: {
          description: 'The counts; all 0 as long as nothing was uploaded',
          content: { 'application/json': { schema: countsSchema } },
        },
        ...problemResponses(400, 502),
      },
    }),
    async (context) => {
      const { batch } = context.req.valid('param');
      const counts = { uploaded: 0, converted: 0, failed: 0, pending: 0, ignored: 0 };
      let truncated = false;
      for await (const { bucket, state } of reconcile(s3, deployment, batchPrefix(batch))) {
        if (bucket !== first) continue;
        if (counts.uploaded === MAX_SCANNED) {
          truncated = true;
          break;
        }
        counts.uploaded += 1;
        counts[state] += 1;
      }
      return context.json({ batch, basis: BASIS, ...counts, truncated });
    },
  );

  app.openapi(
    createRoute({
      method: 'get',
      path: '/batches/{batch}/objects',
      operationId: 'listBatch',
      summary: 'The objects of a batch, in the order of their keys',
      request: {
        params,
        query: z.object({
          state: z.enum(STATES).optional(),
          after: keySchema.optional(),
          limit: z.coerce.number().int().min(1).max(MAX_OBJECTS).default(50),
        }),
      },
      responses: {
        200: { description: 'One page', content: { 'application/json': { schema: objectsSchema } } },
        ...problemResponses(400, 502),
      },
    }),
    async (context) => {
      const { batch } = context.req.valid('param');
      const { state, after, limit } = context.req.valid('query');
      const prefix = batchPrefix(batch);
      const found: ReconciledResults[] = [];
      let scanned = 0;
      let next: string | undefined;
      let last = '';
      for await (const entry of reconcile(s3, deployment, prefix, after === undefined ? {} : { after })) {
        if (entry.bucket !== first) continue;
        if (found.length === limit || scanned === MAX_SCANNED) {
          next = last;
          break;
        }
        scanned += 1;
        last = entry.key;
        if (state === undefined || entry.state === state) found.push(entry);
      }
      const reports = pLimit(REPORTS_AT_ONCE);
      const objects = await Promise.all(found.map((entry) => reports(() => describe(entry, prefix))));
      return context.json({ basis: BASIS, objects, ...(next === undefined ? {} : { next }) });
    },
  );

  async function describe(entry: ReconciledResults, prefix: string): Promise<BatchObject> {
    const { bucket, key, state, bytes, uploadedAt, resultBytes } = entry;
    const object: BatchObject = {
      key,
      name: key.slice(prefix.length),
      state,
      bytes,
      uploadedAt: uploadedAt.toISOString(),
    };
    if (state === 'converted') {
      object.results = renditions.map((rendition, index) => ({
        rendition,
        key: resultKey({ bucket, key }, rendition, namespace),
        bytes: resultBytes[index] ?? 0,
      }));
    }
    if (state === 'failed') {
      const report = await readReport(s3, deployment.failureBucket, failureKey({ bucket, key }, namespace));
      if (report !== undefined) object.reason = { code: report.code, message: report.message };
    }
    return object;
  }
}
