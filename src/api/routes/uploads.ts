import { createPresignedPost } from '@aws-sdk/s3-presigned-post';
import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import * as z from 'zod';
import { batchIdSchema, batchPrefix, newBatchId, uniqueNames } from '../batch.ts';
import { cleanName } from '../clean-name.ts';
import type { ApiDeps } from '../deps.ts';
import { checkKeyLength, fileSchema, MULTIPART_ABOVE } from '../limits.ts';
import { problemResponses } from '../problem.ts';

const MAX_FILES = 10_000;
const POLICY_SECONDS = 15 * 60;

function schemas(maxUploadBytes: number) {
  const request = z
    .strictObject({
      batch: batchIdSchema
        .optional()
        .describe('Adds to this batch, or signs for it anew; left out, a new batch begins.'),
      files: z
        .array(fileSchema(maxUploadBytes))
        .min(1, 'expected at least one file')
        .max(
          MAX_FILES,
          `expected at most ${MAX_FILES} files; send the others in another call with \`batch\``,
        ),
    })
    .meta({ id: 'UploadRequest' });
  const answer = z
    .object({
      batch: batchIdSchema,
      prefix: z.string().describe('Every key of the batch begins with it.'),
      post: z.object({
        url: z.url().describe('Where to POST each file, as `multipart/form-data`.'),
        fields: z
          .record(z.string(), z.string())
          .describe(
            'Form fields. Send these, then `key` and `Content-Type` of the file, then `file` as the last.',
          ),
      }),
      expiresAt: z.iso.datetime().describe('When the policy ends. Uploads that began before go on.'),
      multipartAbove: z.int().describe('Bytes. Larger files are better sent in parts: `POST /multipart`.'),
      files: z
        .array(z.object({ name: z.string(), key: z.string() }))
        .describe(
          'In the order of the request. How many there are only the client knows: a batch has no record but its objects.',
        ),
    })
    .meta({ id: 'UploadAnswer' });
  return { request, answer };
}

export type UploadAnswer = z.infer<ReturnType<typeof schemas>['answer']>;

export function uploadRoutes(app: OpenAPIHono, { s3, deployment, maxUploadBytes }: ApiDeps): void {
  const { request, answer } = schemas(maxUploadBytes);
  const [bucket = ''] = deployment.uploadBuckets;
  const route = createRoute({
    method: 'post',
    path: '/uploads',
    operationId: 'createUploads',
    summary: 'Signs one form policy for a whole batch of files',
    request: { body: { required: true, content: { 'application/json': { schema: request } } } },
    responses: {
      200: { description: 'What to POST to S3', content: { 'application/json': { schema: answer } } },
      ...problemResponses(400, 413, 415, 502),
    },
  });

  app.openapi(route, async (context) => {
    const { batch = newBatchId(), files } = context.req.valid('json');
    const prefix = batchPrefix(batch);
    const names = uniqueNames(files.map(({ name }) => cleanName(name)));
    const keys = names.map((name) => prefix + name);
    for (const [index, key] of keys.entries()) checkKeyLength(key, `files[${index}].name`, deployment);
    const onlyImages = files.every(({ type }) => type.startsWith('image/'));
    const { url, fields } = await createPresignedPost(s3, {
      Bucket: bucket,
      Key: `${prefix}\${filename}`,
      Expires: POLICY_SECONDS,
      Conditions: [
        ['content-length-range', 1, maxUploadBytes],
        ['starts-with', '$Content-Type', onlyImages ? 'image/' : ''],
      ],
    });
    const { key: _placeholder, ...rest } = fields;
    return context.json({
      batch,
      prefix,
      post: { url, fields: rest },
      expiresAt: new Date(Date.now() + POLICY_SECONDS * 1000).toISOString(),
      multipartAbove: MULTIPART_ABOVE,
      files: files.map(({ name }, index) => ({ name, key: keys[index] ?? '' })),
    });
  });
}
