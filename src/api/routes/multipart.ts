import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  S3ServiceException,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { cleanName } from '../../contract/clean-name.ts';
import { abortMultipart, completeMultipart, createMultipart, signParts } from '../../contract/multipart.ts';
import { batchPrefix, newBatchId } from '../batch.ts';
import { bytesOfPart, idOf, PART_BYTES, partsOf, readId } from '../declared-size.ts';
import type { ApiDeps } from '../deps.ts';
import { checkKeyLength } from '../limits.ts';
import { RequestProblem } from '../problem.ts';

const PART_SECONDS = 15 * 60;

/** Uploads in parts, for large files: create, sign parts, PUT each part to S3, complete; or abort. */
export function multipartRoutes(app: OpenAPIHono, { s3, deployment, maxUploadBytes }: ApiDeps): void {
  const [Bucket = ''] = deployment.uploadBuckets;

  app.openapi(createRoute(createMultipart(maxUploadBytes)), async (context) => {
    const { batch = newBatchId(), name, type, size } = context.req.valid('json');
    const key = batchPrefix(batch) + cleanName(name);
    checkKeyLength(key, 'name', deployment);
    const { UploadId: id = '' } = await s3.send(
      new CreateMultipartUploadCommand({ Bucket, Key: key, ContentType: type }),
    );
    return context.json({
      batch,
      key,
      uploadId: idOf({ uploadId: id, size }),
      partSize: PART_BYTES,
      parts: partsOf(size),
    });
  });

  app.openapi(createRoute(signParts), async (context) => {
    const { key, partNumbers } = context.req.valid('json');
    const { uploadId: UploadId, size } = readId(context.req.valid('param').uploadId, maxUploadBytes);
    const parts = await Promise.all(
      partNumbers.map(async (PartNumber) => {
        // The length is a signed header, so S3 refuses a body with another length.
        const ContentLength = bytesOfPart(PartNumber, size);
        const command = new UploadPartCommand({ Bucket, Key: key, UploadId, PartNumber, ContentLength });
        return {
          partNumber: PartNumber,
          url: await getSignedUrl(s3, command, { expiresIn: PART_SECONDS }),
        };
      }),
    );
    return context.json({ parts });
  });

  app.openapi(createRoute(completeMultipart), async (context) => {
    const { key, parts } = context.req.valid('json');
    const { uploadId: UploadId } = readId(context.req.valid('param').uploadId, maxUploadBytes);
    const Parts = parts
      .toSorted((a, b) => a.partNumber - b.partNumber)
      .map(({ partNumber: PartNumber, etag: ETag }) => ({ PartNumber, ETag }));
    await known(() =>
      s3.send(new CompleteMultipartUploadCommand({ Bucket, Key: key, UploadId, MultipartUpload: { Parts } })),
    );
    return context.json({ key });
  });

  app.openapi(createRoute(abortMultipart), async (context) => {
    const { uploadId: UploadId } = readId(context.req.valid('param').uploadId, maxUploadBytes);
    const { key } = context.req.valid('query');
    await known(() => s3.send(new AbortMultipartUploadCommand({ Bucket, Key: key, UploadId })));
    return context.body(null, 204);
  });
}

/** Distinguishes the client's mistakes from S3's failures. */
async function known<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (!(error instanceof S3ServiceException)) throw error;
    if (error.name === 'NoSuchUpload')
      throw new RequestProblem(
        404,
        'upload.unknown',
        'there is no such multipart upload; start again with `POST /multipart`',
      );
    if (['InvalidPart', 'InvalidPartOrder', 'EntityTooSmall'].includes(error.name))
      throw new RequestProblem(
        409,
        'upload.incomplete',
        `${error.name}: ${error.message}; PUT what is missing and complete again`,
      );
    throw error;
  }
}
