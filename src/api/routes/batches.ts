import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { getBatch, listBatch } from '../../contract/batches.ts';
import { batchPrefix } from '../batch.ts';
import { countBatch, pageOfBatch } from '../batch-view.ts';
import type { ApiDeps } from '../deps.ts';

/** The basis of the responses. */
const BASIS = 'listings' as const;

export function batchRoutes(app: OpenAPIHono, deps: ApiDeps): void {
  app.openapi(createRoute(getBatch), async (context) => {
    const { batch } = context.req.valid('param');
    return context.json({ batch, basis: BASIS, ...(await countBatch(deps, batchPrefix(batch))) });
  });

  app.openapi(createRoute(listBatch), async (context) => {
    const { batch } = context.req.valid('param');
    const query = context.req.valid('query');
    return context.json({ basis: BASIS, ...(await pageOfBatch(deps, batchPrefix(batch), query)) });
  });
}
