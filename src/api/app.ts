import { OpenAPIHono } from '@hono/zod-openapi';
import { HTTPException } from 'hono/http-exception';
import { limitBodies } from './body-limit.ts';
import type { ApiDeps } from './deps.ts';
import { pageRoutes } from './pages.ts';
import { invalid, problem, RequestProblem } from './problem.ts';
import { batchRoutes } from './routes/batches.ts';
import { multipartRoutes } from './routes/multipart.ts';
import { objectRoutes } from './routes/objects.ts';
import { deadLetterRoutes } from './routes/operations/dead-letters.ts';
import { previewRoutes } from './routes/operations/preview.ts';
import { purgeRoutes } from './routes/operations/purges.ts';
import { redriveRoutes } from './routes/operations/redrives.ts';
import { summaryRoutes } from './routes/operations/summary.ts';
import { resultRoutes } from './routes/results.ts';
import { uploadRoutes } from './routes/uploads.ts';

/** The HTTP API and its pages. Errors are `application/problem+json` (RFC 9457) with a stable `code`. */
export function createApi(deps: ApiDeps): OpenAPIHono {
  const app = new OpenAPIHono({
    defaultHook: (result) => (result.success ? undefined : invalid(result.error)),
  });
  app.use(async (context, next) => {
    await next();
    context.header('x-content-type-options', 'nosniff');
    context.header('referrer-policy', 'no-referrer');
  });
  app.use(limitBodies);
  uploadRoutes(app, deps);
  multipartRoutes(app, deps);
  objectRoutes(app, deps);
  batchRoutes(app, deps);
  resultRoutes(app, deps);
  summaryRoutes(app, deps);
  deadLetterRoutes(app, deps);
  previewRoutes(app, deps);
  redriveRoutes(app, deps);
  purgeRoutes(app, deps);
  app.doc31('/openapi.json', {
    openapi: '3.1.0',
    info: {
      title: 'Millrace',
      version: '1',
      description:
        'Bulk uploads in, converted objects out. Errors are RFC 9457 problems with a stable `code`.',
      license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
    },
    servers: [{ url: '/' }],
  });
  pageRoutes(app, deps);

  app.notFound((context) =>
    problem(
      404,
      'route.unknown',
      `there is no ${context.req.method} ${context.req.path}; GET /openapi.json lists all routes`,
    ),
  );
  app.onError((error) => {
    if (error instanceof RequestProblem) return error.response;
    if (error instanceof HTTPException && error.status < 500)
      return problem(error.status, 'request.invalid', error.message);
    // Thrown by the clients of all AWS services.
    if ('$fault' in error) return problem(502, 'storage.unavailable', `${error.name}; try again`);
    deps.onError(error);
    return problem(500, 'internal.unexpected', 'the server failed; try again');
  });
  return app;
}
