import { Hono } from 'hono';
import type { LambdaEvent } from 'hono/aws-lambda';
import { OPERATIONS_PATH } from '../core/routes.ts';
import { problem } from './problem.ts';

interface OnLambda {
  Bindings: { event: LambdaEvent };
}

interface Application {
  fetch(request: Request, env?: object): Response | Promise<Response>;
}

/**
 * Lets a request for the operations through only if API Gateway took it for one. The gateway picks the route, and
 * with it the permission, before the application reads the path; where the two read a path differently
 * (`/%6fps/…` is `/ops/…` here), the permission of another route must not do.
 */
export function requireOperationsRoute(app: Application): Hono<OnLambda> {
  const guarded = new Hono<OnLambda>();
  guarded.use(`${OPERATIONS_PATH}/*`, async (context, next) => {
    const { event } = context.env;
    const [, path = ''] = 'routeKey' in event ? event.routeKey.split(' ') : [];
    if (path === OPERATIONS_PATH || path.startsWith(`${OPERATIONS_PATH}/`)) return next();
    const detail = `operations are reached by ${OPERATIONS_PATH}/… as it is written here, and by their own permission`;
    return problem(403, 'route.forbidden', detail);
  });
  guarded.all('*', (context) => app.fetch(context.req.raw, context.env));
  return guarded;
}
