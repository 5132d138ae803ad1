import { GetObjectCommand, NoSuchKey, type S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { previewSource } from '../../../contract/preview.ts';
import { ROUTES } from '../../../contract/routes.ts';
import type { ObjectRef } from '../../../core/object-ref.ts';
import type { ApiDeps } from '../../deps.ts';
import { problem } from '../../problem.ts';

const URL_SECONDS = 5 * 60;
/** Types that a browser displays without running anything. */
const IMAGES = new Set(['image/jpeg', 'image/png', 'image/webp', 'image/avif', 'image/gif']);
/** Bytes needed to detect a file's type. */
const HEAD_BYTES = 4100;

export function previewPath({ bucket, key }: ObjectRef): string {
  return `${ROUTES.previewSource.path}?${new URLSearchParams({ bucket, key }).toString()}`;
}

/** Redirects to an upload. Only the content shows whether it is an image: the uploader chose the name and type. */
export function previewRoutes(app: OpenAPIHono, { s3, deployment }: ApiDeps): void {
  app.openapi(createRoute(previewSource(deployment.uploadBuckets)), async (context) => {
    const { bucket: Bucket, key: Key } = context.req.valid('query');
    const head = await readHead(s3, Bucket, Key);
    if (head === undefined)
      return problem(404, 'object.unknown', 'there is no such upload; it may have been deleted');
    const type = await sniff(head);
    const isImage = type !== undefined && IMAGES.has(type);
    const command = new GetObjectCommand({
      Bucket,
      Key,
      ResponseContentType: isImage ? type : 'application/octet-stream',
      ResponseContentDisposition: isImage ? 'inline' : 'attachment',
    });
    const location = await getSignedUrl(s3, command, { expiresIn: URL_SECONDS });
    return new Response(null, { status: 302, headers: { location, 'cache-control': 'no-store' } });
  });
}

/** Returns undefined if there is no such object. */
async function readHead(s3: S3Client, Bucket: string, Key: string): Promise<Uint8Array | undefined> {
  try {
    const Range = `bytes=0-${HEAD_BYTES - 1}`;
    const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key, Range }));
    return await Body?.transformToByteArray();
  } catch (error) {
    if (error instanceof NoSuchKey) return undefined;
    // An empty object has no such range.
    if (error instanceof Error && error.name === 'InvalidRange') return new Uint8Array();
    throw error;
  }
}

async function sniff(head: Uint8Array): Promise<string | undefined> {
  // Imported here, because most invocations of the API do not need it.
  const { fileTypeFromBuffer } = await import('file-type');
  try {
    return (await fileTypeFromBuffer(head))?.mime;
  } catch {
    // The content ends before the part that would identify the format.
    return undefined;
  }
}
