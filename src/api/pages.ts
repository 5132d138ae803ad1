import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import type { OpenAPIHono } from '@hono/zod-openapi';
import { secureHeaders } from 'hono/secure-headers';
import { imageFormats } from '../core/image-formats.ts';
import type { ApiDeps } from './deps.ts';
import type { PageAsset } from '../core/pages-file.ts';
import { problem } from './problem.ts';

/** Each page's path, and its folder in `pages`. */
const PAGES = { '/': 'upload', '/operations': 'operations', '/runbook': 'runbook' } as const;

/** Serves the pages, with only their own scripts and styles, and images and uploads only from and to S3's origin. */
export function pageRoutes(app: OpenAPIHono, { s3, deployment, maxUploadBytes, pages }: ApiDeps): void {
  const [uploadBucket = ''] = deployment.uploadBuckets;
  let loading: ReturnType<typeof load> | undefined;
  async function load() {
    const [assets, uploads, results, ...sources] = await Promise.all([
      pages(),
      originOf(s3, uploadBucket),
      originOf(s3, deployment.resultBucket),
      ...deployment.uploadBuckets.map((bucket) => originOf(s3, bucket)),
    ]);
    const protect = secureHeaders({
      contentSecurityPolicy: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        // Previews of dead letters are images in any upload bucket.
        imgSrc: [...new Set(["'self'", results, ...sources])],
        connectSrc: ["'self'", uploads],
        baseUri: ["'none'"],
        formAction: ["'none'"],
        frameAncestors: ["'none'"],
      },
      xFrameOptions: 'DENY',
      // Left to the domain's owner.
      strictTransportSecurity: false,
    });
    return { assets, protect };
  }
  function once() {
    loading ??= load();
    // A failure may be temporary, so it is not cached.
    loading.catch(() => (loading = undefined));
    return loading;
  }

  for (const [path, folder] of Object.entries(PAGES)) {
    app.get(
      path,
      async (context, next) => (await once()).protect(context, next),
      async () => {
        const asset = (await once()).assets[`${folder}/page.html`];
        if (asset === undefined) return missing();
        // The API does not know which files other conversions accept.
        const accepted = deployment.rules.length === 0 ? imageFormats('and') : 'Files';
        const body = asset.body
          .replaceAll('{{accepted}}', accepted)
          .replaceAll('{{maxUploadBytes}}', String(maxUploadBytes))
          .replaceAll('{{ignore}}', () => escapeAttribute(JSON.stringify(deployment.ignore)));
        return serve({ ...asset, body });
      },
    );
  }
  app.get('/assets/:path{.+}', async (context) => {
    const { assets } = await once();
    const path = context.req.param('path');
    const asset = Object.hasOwn(assets, path) ? assets[path] : undefined;
    return asset === undefined ? missing() : serve(asset);
  });
}

function serve({ contentType, body }: PageAsset): Response {
  return new Response(body, { headers: { 'content-type': contentType, 'cache-control': 'no-cache' } });
}

function missing(): Response {
  return problem(404, 'route.unknown', 'the pages have no such file');
}

/** Returns the origin of a bucket's signed URLs, which depends on the client's configuration. */
async function originOf(s3: S3Client, Bucket: string): Promise<string> {
  return new URL(await getSignedUrl(s3, new GetObjectCommand({ Bucket, Key: 'any' }))).origin;
}

function escapeAttribute(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('"', '&quot;');
}
