import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import * as z from 'zod';
import { objectStatus } from '../../ops/object-status.ts';
import type { ApiDeps } from '../deps.ts';
import { keySchema } from '../limits.ts';
import { invalid, problemResponses } from '../problem.ts';

const key = z.string();
const basis = z.literal('objects').describe('What the answer is based on: each object itself. It is exact.');
const statusSchema = z
  .discriminatedUnion('status', [
    z.object({
      status: z.literal('converted'),
      basis,
      key,
      stale: z
        .boolean()
        .describe('Whether a result was made under an older recipe than the deployed recipe.'),
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
      basis,
      key,
      code: z.string(),
      message: z.string(),
      attempts: z.int(),
    }),
    z.object({
      status: z.literal('pending'),
      basis,
      key,
      attempting: z.literal(true).optional().describe('An attempt has begun and is not over.'),
    }),
    z.object({ status: z.literal('ignored'), basis, key }),
    z.object({ status: z.literal('unknown'), basis, key }),
  ])
  .meta({ id: 'ObjectStatus' });

export function objectRoutes(app: OpenAPIHono, { s3, deployment }: ApiDeps): void {
  const { uploadBuckets } = deployment;
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
    description:
      'Checks the current version of the upload, its results and its failure report, so the answer is exact. ' +
      'An upload is `converted` if every result derives from the current version, `failed` if its last attempt ' +
      'says why there is no result, and `pending` otherwise. It is `ignored` if there is nothing to convert: the ' +
      'recipe ignores its name, or it is a folder placeholder, which has no bytes and a key that ends in `/`.',
    request,
    responses: {
      200: { description: 'Converted, failed, pending or ignored', content },
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
    const object = { bucket: query.data.bucket, key: parameters.data.key };
    const status = await objectStatus(s3, deployment, object);
    return context.json({ basis: 'objects', ...status }, status.status === 'unknown' ? 404 : 200);
  });
}
