import { GetObjectCommand } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { getResult } from '../../contract/results.ts';
import { readResultMetadata } from '../../core/result-metadata.ts';
import { head } from '../../ops/object-status.ts';
import type { ApiDeps } from '../deps.ts';
import { invalid, problem } from '../problem.ts';

const URL_SECONDS = 5 * 60;
/** Types that a browser may show, because it runs nothing in them. */
const IMAGES = new Set(['image/jpeg', 'image/png', 'image/webp', 'image/avif', 'image/gif', 'image/tiff']);

/** Redirects to results on S3's origin instead of this one, so that their contents cannot affect the pages. */
export function resultRoutes(app: OpenAPIHono, { s3, deployment }: ApiDeps): void {
  const { params, query: queries } = getResult.request;
  app.openAPIRegistry.registerPath(createRoute(getResult));

  app.get('/results/:key{[\\s\\S]+}', async (context) => {
    const parameters = params.safeParse(context.req.param());
    if (!parameters.success) return invalid(parameters.error);
    const query = queries.safeParse(context.req.query());
    if (!query.success) return invalid(query.error);
    const { key } = parameters.data;
    const stored = await head(s3, deployment.resultBucket, key);
    const metadata = readResultMetadata(stored?.Metadata);
    if (stored === undefined || metadata === undefined)
      return problem(404, 'object.unknown', 'this key has no result; `GET /objects/{key}` says why');
    const isImage = IMAGES.has(stored.ContentType ?? '');
    const extension = metadata.extension ?? imageType(stored.ContentType);
    const disposition = query.data.download === '0' && isImage ? 'inline' : 'attachment';
    const command = new GetObjectCommand({
      Bucket: deployment.resultBucket,
      Key: key,
      ResponseContentType: isImage ? stored.ContentType : 'application/octet-stream',
      ResponseContentDisposition: `${disposition}; filename*=UTF-8''${fileName(key, extension)}`,
    });
    const url = await getSignedUrl(s3, command, { expiresIn: URL_SECONDS });
    // The signature is valid for longer than a browser caches this redirect.
    return new Response(null, {
      status: 302,
      headers: { location: url, 'cache-control': `private, max-age=${URL_SECONDS - 60}` },
    });
  });
}

/** Returns the name of an image type, such as `webp`; undefined for other types. */
function imageType(contentType = ''): string | undefined {
  return contentType.startsWith('image/') ? contentType.slice('image/'.length) : undefined;
}

/** Returns the name of the file: the key's, with the result's own extension in place of the upload's. */
function fileName(key: string, extension: string | undefined): string {
  const name = key.slice(key.lastIndexOf('/') + 1);
  return encoded(extension === undefined ? name : `${name.replace(/\.[^.]*$/, '')}.${extension}`);
}

function encoded(name: string): string {
  return encodeURIComponent(name).replaceAll(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
