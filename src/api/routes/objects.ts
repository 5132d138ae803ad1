import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { getObject, statusSchema } from '../../contract/objects.ts';
import { objectStatus } from '../../ops/object-status.ts';
import type { ApiDeps } from '../deps.ts';
import { invalid } from '../problem.ts';

export function objectRoutes(app: OpenAPIHono, { s3, deployment }: ApiDeps): void {
  const route = createRoute(getObject(deployment.uploadBuckets));
  const { params, query: queries } = route.request;
  app.openAPIRegistry.registerPath(route);

  // OpenAPI paths cannot have slashes in a parameter.
  app.get('/objects/:key{[\\s\\S]+}', async (context) => {
    const parameters = params.safeParse(context.req.param());
    if (!parameters.success) return invalid(parameters.error);
    const query = queries.safeParse(context.req.query());
    if (!query.success) return invalid(query.error);
    const object = { bucket: query.data.bucket, key: parameters.data.key };
    const status = await objectStatus(s3, deployment, object);
    const answer = statusSchema.parse({ basis: 'objects', ...status });
    return context.json(answer, status.status === 'unknown' ? 404 : 200);
  });
}
