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
 * Accepts a request for the operations only if API Gateway matched it to the operations' route. The gateway selects the
 * route, and therefore the permission, before the application reads the path. If they interpret a path differently
 * (`/%6fps/…` is `/ops/…` here), another route's permission must not be sufficient.
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
