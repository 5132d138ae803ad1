import { createPresignedPost } from '@aws-sdk/s3-presigned-post';
import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { cleanName } from '../../contract/clean-name.ts';
import { createUploads } from '../../contract/uploads.ts';
import { uniqueNames } from '../../contract/unique-names.ts';
import { batchPrefix, newBatchId } from '../batch.ts';
import type { ApiDeps } from '../deps.ts';
import { checkKeyLength, MULTIPART_ABOVE } from '../limits.ts';

const POLICY_SECONDS = 15 * 60;

export function uploadRoutes(app: OpenAPIHono, { s3, deployment, maxUploadBytes }: ApiDeps): void {
  const [bucket = ''] = deployment.uploadBuckets;

  app.openapi(createRoute(createUploads(maxUploadBytes)), async (context) => {
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
