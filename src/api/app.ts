import type { S3Client } from '@aws-sdk/client-s3';
import { Hono } from 'hono';
import { S3ServiceException } from '@aws-sdk/client-s3';
import { objectStatus, type PipelineBuckets } from '../ops/object-status.ts';
import type { Recipe } from '../core/recipe.ts';

export interface ApiDeps {
  s3: S3Client;
  buckets: PipelineBuckets;
  recipe: Recipe;
}

/** The HTTP interface. Errors are `application/problem+json` (RFC 9457) with a stable `code`. */
export function createApi({ s3, buckets, recipe }: ApiDeps): Hono {
  const app = new Hono();
  const [bucket = ''] = buckets.uploadBuckets;

  app.get('/', (context) =>
    context.json({
      service: 'millrace',
      uploads: bucket,
      results: buckets.resultBucket,
      failures: buckets.failureBucket,
      routes: ['GET /objects/{key}'],
    }),
  );

  app.get('/objects/:key{.+}', async (context) => {
    const status = await objectStatus(s3, buckets, recipe, { bucket, key: context.req.param('key') });
    return context.json(status, status.status === 'unknown' ? 404 : 200);
  });

  app.notFound((context) =>
    problem(404, 'route.unknown', `there is no ${context.req.method} ${context.req.path}`),
  );
  app.onError((error) => {
    if (error instanceof S3ServiceException)
      return problem(502, 'storage.unavailable', `S3 failed: ${error.name}`);
    throw error;
  });
  return app;
}

function problem(status: number, code: string, detail: string): Response {
  const body = JSON.stringify({ type: 'about:blank', title: code, status, code, detail });
  return new Response(body, { status, headers: { 'content-type': 'application/problem+json' } });
}
