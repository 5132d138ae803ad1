import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import pLimit from 'p-limit';
import { getBatch, listBatch } from '../../contract/batches.ts';
import { LIMITS } from '../../contract/limits.ts';
import type { BatchObject } from '../../contract/types.ts';
import { defined } from '../../core/defined.ts';
import { failureKey } from '../../core/keys.ts';
import { renditionsOf, resultKey } from '../../core/result-keys.ts';
import { readReport } from '../../ops/object-status.ts';
import { listUploadStates } from '../../ops/list-upload-states.ts';
import type { UploadStateWithBytes } from '../../ops/upload-state.ts';
import { batchPrefix } from '../batch.ts';
import type { ApiDeps } from '../deps.ts';

const REPORTS_AT_ONCE = 16;
/** The basis of the responses. */
const BASIS = 'listings' as const;

export function batchRoutes(app: OpenAPIHono, { s3, deployment }: ApiDeps): void {
  const [first = ''] = deployment.uploadBuckets;
  // The API uploads to the first bucket, so a batch has no objects in others.

  app.openapi(createRoute(getBatch), async (context) => {
    const { batch } = context.req.valid('param');
    const counts = { uploaded: 0, converted: 0, failed: 0, pending: 0, ignored: 0 };
    let truncated = false;
    for await (const { bucket, state } of listUploadStates(s3, deployment, batchPrefix(batch))) {
      if (bucket !== first) continue;
      if (counts.uploaded === LIMITS.countedUploads) {
        truncated = true;
        break;
      }
      counts.uploaded += 1;
      counts[state] += 1;
    }
    return context.json({ batch, basis: BASIS, ...counts, truncated });
  });

  app.openapi(createRoute(listBatch), async (context) => {
    const { batch } = context.req.valid('param');
    const { state, after, limit } = context.req.valid('query');
    const prefix = batchPrefix(batch);
    const found: UploadStateWithBytes[] = [];
    let scanned = 0;
    let next: string | undefined;
    let last = '';
    for await (const entry of listUploadStates(s3, deployment, prefix, defined({ after }))) {
      if (entry.bucket !== first) continue;
      if (found.length === limit || scanned === LIMITS.countedUploads) {
        next = last;
        break;
      }
      scanned += 1;
      last = entry.key;
      if (state === undefined || entry.state === state) found.push(entry);
    }
    const reports = pLimit(REPORTS_AT_ONCE);
    const objects = await Promise.all(found.map((entry) => reports(() => describe(entry, prefix))));
    return context.json(defined({ basis: BASIS, objects, next }));
  });

  async function describe(entry: UploadStateWithBytes, prefix: string): Promise<BatchObject> {
    const { bucket, key, state, bytes, uploadedAt, resultBytes } = entry;
    const object: BatchObject = {
      key,
      name: key.slice(prefix.length),
      state,
      bytes,
      uploadedAt: uploadedAt.toISOString(),
    };
    if (state === 'converted') {
      object.results = renditionsOf(key, deployment).map((rendition, index) => ({
        rendition,
        key: resultKey({ bucket, key }, rendition, deployment),
        bytes: resultBytes[index] ?? 0,
      }));
    }
    if (state === 'failed') {
      const report = await readReport(s3, deployment.failureBucket, failureKey({ bucket, key }, deployment));
      if (report !== undefined)
        object.reason = { code: report.code, message: report.message, attempts: report.attempt };
    }
    return object;
  }
}
