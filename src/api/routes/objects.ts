import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import * as z from 'zod';
import { objectStatus } from '../../ops/object-status.ts';
import type { ApiDeps } from '../deps.ts';
import { keySchema } from '../limits.ts';
import { invalid, problemResponses } from '../problem.ts';

const key = z.string();
const statusSchema = z
  .discriminatedUnion('status', [
    z.object({
      status: z.literal('converted'),
      key,
      results: z.array(
        z.object({
          rendition: z.string(),
          key,
          contentType: z.string(),
          bytes: z.int(),
          width: z.int().describe('Pixels.'),
          height: z.int().describe('Pixels.'),
        }),
      ),
    }),
    z.object({
      status: z.literal('failed'),
      key,
      code: z.string(),
      message: z.string(),
      attempts: z.int(),
    }),
    z.object({ status: z.literal('pending'), key }),
    z.object({ status: z.literal('unknown'), key }),
  ])
  .meta({ id: 'ObjectStatus' });

export function objectRoutes(app: OpenAPIHono, { s3, deployment }: ApiDeps): void {
  const { uploadBuckets, renditions } = deployment;
  const [first = '', ...others] = uploadBuckets;
  const request = {
    params: z.object({ key: keySchema.describe('Key of the upload; its slashes may be encoded or not.') }),
    query: z.object({
      bucket: z
        .enum([first, ...others], `expected an upload bucket: ${uploadBuckets.join(', ')}`)
        .default(first),
    }),
  };
  const content = { 'application/json': { schema: statusSchema } };
  const route = createRoute({
    method: 'get',
    path: '/objects/{key}',
    operationId: 'getObject',
    summary: 'Where one upload stands',
    request,
    responses: {
      200: { description: 'Converted, failed or pending', content },
      404: { description: 'There is no such upload: `unknown`', content },
      ...problemResponses(400, 502),
    },
  });
  app.openAPIRegistry.registerPath(route);

  // A path of OpenAPI has no place for slashes within a parameter.
  app.get('/objects/:key{.+}', async (context) => {
    const parameters = request.params.safeParse(context.req.param());
    if (!parameters.success) return invalid(parameters.error);
    const query = request.query.safeParse(context.req.query());
    if (!query.success) return invalid(query.error);
    const recipe = { renditions: renditions.map((name) => ({ name })) };
    const object = { bucket: query.data.bucket, key: parameters.data.key };
    const status = await objectStatus(s3, deployment, recipe, object);
    return context.json(status, status.status === 'unknown' ? 404 : 200);
  });
}
