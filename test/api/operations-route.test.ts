import { Hono } from 'hono';
import { handle, type APIGatewayProxyResult, type LambdaEvent } from 'hono/aws-lambda';
import { describe, expect, it } from 'vitest';
import { OPERATIONS_PATH } from '../../src/core/routes.ts';
import { createApi } from '../../src/api/app.ts';
import { requireOperationsRoute } from '../../src/api/operations-route.ts';

const app = new Hono();
app.get('/ops/:what', (context) => context.text(`operated on ${context.req.param('what')}`));
app.get('/objects/:key{.+}', (context) => context.text(`object ${context.req.param('key')}`));
app.notFound((context) => context.text('nothing there', 404));

/** Returns API Gateway's event for a path and the route that it matched. */
async function request(routeKey: string, rawPath: string): Promise<APIGatewayProxyResult> {
  const event = {
    version: '2.0',
    routeKey,
    rawPath,
    rawQueryString: '',
    headers: { host: 'api.example' },
    isBase64Encoded: false,
    requestContext: { domainName: 'api.example', routeKey, http: { method: 'GET', path: rawPath } },
  };
  return handle(requireOperationsRoute(app))(event as unknown as LambdaEvent);
}

describe('the operations', () => {
  it('are reached through their own route', async () => {
    expect(await request('ANY /ops/{proxy+}', '/ops/redrives')).toMatchObject({
      statusCode: 200,
      body: 'operated on redrives',
    });
  });

  it('have nothing at their own path, which has a route of its own', async () => {
    expect(await request('ANY /ops', '/ops')).toMatchObject({ statusCode: 404, body: 'nothing there' });
  });

  it.each(['/ops/redrives', '/%6fps/redrives', '/%6F%70%73/redrives', '/ops', '/ops/'])(
    "are not reached at %s with another route's permission",
    async (path) => {
      const answer = await request('ANY /{proxy+}', path);
      expect(answer.statusCode).toBe(403);
      expect(JSON.parse(answer.body)).toMatchObject({ code: 'route.forbidden' });
    },
  );

  it.each([
    '//ops/redrives',
    '/OPS/redrives',
    '/./ops/redrives',
    '/objects/../ops/redrives',
    '/ops%2Fredrives',
  ])('are not what the application serves at %s', async (path) => {
    expect((await request('ANY /{proxy+}', path)).body).not.toMatch(/operated/);
  });

  it('do not affect other routes', async () => {
    expect((await request('ANY /{proxy+}', '/objects/ops/a.jpg')).body).toBe('object ops/a.jpg');
    expect((await request('ANY /{proxy+}', '/elsewhere')).statusCode).toBe(404);
  });
});

describe('every operations route', () => {
  const refuse = () => Promise.reject(new Error('it was reached'));
  // Only described, never called.
  const api = createApi({
    s3: {} as never,
    sqs: {} as never,
    deployment: {
      uploadBuckets: ['uploads'],
      resultBucket: 'results',
      failureBucket: 'failures',
      conversionQueueUrl: 'http://q/c',
      retryQueueUrl: 'http://q/r',
      deadLetterQueueUrl: 'http://q/d',
      renditions: ['web'],
      rules: [],
      recipeId: 'r',
      generation: 1,
      ignore: [],
      whenDeleted: 'keep',
    },
    maxUploadBytes: 1,
    pages: refuse,
    readMinutes: refuse,
    readAlarm: refuse,
    startRedrive: refuse,
    callerOf: () => 'nobody',
    audit: refuse,
    onError: () => undefined,
  });
  const paths = [
    ...new Set(api.routes.map(({ path }) => path).filter((path) => path.startsWith(OPERATIONS_PATH))),
  ];

  it('is under the path with its own permission', () => {
    const operations = /dead-letters|redrive|purge|summary|preview/;
    expect(api.routes.filter(({ path }) => operations.test(path)).map(({ path }) => path)).toEqual(
      expect.arrayContaining(paths),
    );
    for (const { path } of api.routes)
      if (operations.test(path)) expect(path).toMatch(new RegExp(`^${OPERATIONS_PATH}/.`));
    expect(paths.length).toBeGreaterThanOrEqual(9);
  });

  it.each(paths)("%s is not reached with another route's permission", async (path) => {
    const rawPath = path.replaceAll(/:[a-z]+/g, 'any');
    const reached = handle(requireOperationsRoute(api));
    const event = {
      version: '2.0',
      routeKey: 'ANY /{proxy+}',
      rawPath,
      rawQueryString: '',
      headers: { host: 'api.example' },
      isBase64Encoded: false,
      requestContext: { domainName: 'api.example', http: { method: 'GET', path: rawPath } },
    };
    expect((await reached(event as unknown as LambdaEvent)).statusCode).toBe(403);
  });
});
