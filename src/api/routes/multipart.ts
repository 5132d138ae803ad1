import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  S3ServiceException,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import * as z from 'zod';
import { batchIdSchema, batchPrefix, newBatchId } from '../batch.ts';
import { cleanName } from '../clean-name.ts';
import { bytesOfPart, idOf, PART_BYTES, partsOf, readId } from '../declared-size.ts';
import type { ApiDeps } from '../deps.ts';
import { checkKeyLength, fileSchema, keySchema } from '../limits.ts';
import { problemResponses, RequestProblem } from '../problem.ts';

const PART_SECONDS = 15 * 60;
const MAX_PARTS_PER_CALL = 100;

const partNumber = z.int().min(1).max(10_000);
/** Only keys of batches may be written here. */
const batchKey = keySchema.regex(
  /^batches\/\d{8}-[0-9a-f]{32}\/./,
  'expected a key as `POST /multipart` answered it',
);
const uploadId = z.string().min(1).max(1024).describe('Id of the upload in parts.');
const params = z.object({ uploadId });
const json = <T extends z.ZodType>(schema: T) => ({ content: { 'application/json': { schema } } });

const startedSchema = z
  .object({
    batch: batchIdSchema,
    key: z.string(),
    uploadId,
    partSize: z.int().describe('Bytes of every part but the last.'),
    parts: z.int().describe('How many parts that makes.'),
  })
  .meta({ id: 'MultipartUpload' });
const signSchema = z
  .strictObject({ key: batchKey, partNumbers: z.array(partNumber).min(1).max(MAX_PARTS_PER_CALL) })
  .meta({ id: 'SignParts' });
const signedSchema = z
  .object({ parts: z.array(z.object({ partNumber, url: z.url() })) })
  .meta({ id: 'SignedParts' });
const completeSchema = z
  .strictObject({
    key: batchKey,
    parts: z
      .array(z.strictObject({ partNumber, etag: z.string().min(1).max(100) }))
      .min(1)
      .max(10_000),
  })
  .meta({ id: 'CompleteMultipart' });

export type StartedMultipart = z.infer<typeof startedSchema>;
export type SignedParts = z.infer<typeof signedSchema>;

/** Uploads in parts, for large files: create, sign parts, PUT each part to S3, complete; or abort. */
export function multipartRoutes(app: OpenAPIHono, { s3, deployment, maxUploadBytes }: ApiDeps): void {
  const [Bucket = ''] = deployment.uploadBuckets;

  app.openapi(
    createRoute({
      method: 'post',
      path: '/multipart',
      operationId: 'createMultipart',
      summary: 'Begins an upload in parts',
      request: {
        body: {
          required: true,
          ...json(
            fileSchema(maxUploadBytes)
              .safeExtend({ batch: batchIdSchema.optional() })
              .meta({ id: 'MultipartRequest' }),
          ),
        },
      },
      responses: {
        200: { description: 'The upload has begun', ...json(startedSchema) },
        ...problemResponses(400, 413, 415, 502),
      },
    }),
    async (context) => {
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
    },
  );

  app.openapi(
    createRoute({
      method: 'post',
      path: '/multipart/{uploadId}/parts',
      operationId: 'signParts',
      summary:
        'Signs URLs to PUT parts to, each for exactly the bytes of that part, for 15 minutes; keep the ETag that S3 answers',
      request: { params, body: { required: true, ...json(signSchema) } },
      responses: {
        200: { description: 'Where to PUT each part', ...json(signedSchema) },
        ...problemResponses(400, 404, 413, 415),
      },
    }),
    async (context) => {
      const { key, partNumbers } = context.req.valid('json');
      const { uploadId: UploadId, size } = readId(context.req.valid('param').uploadId, maxUploadBytes);
      const parts = await Promise.all(
        partNumbers.map(async (PartNumber) => {
          // The length is among the signed headers: S3 refuses a body of any other.
          const ContentLength = bytesOfPart(PartNumber, size);
          const command = new UploadPartCommand({ Bucket, Key: key, UploadId, PartNumber, ContentLength });
          return {
            partNumber: PartNumber,
            url: await getSignedUrl(s3, command, { expiresIn: PART_SECONDS }),
          };
        }),
      );
      return context.json({ parts });
    },
  );

  app.openapi(
    createRoute({
      method: 'post',
      path: '/multipart/{uploadId}/complete',
      operationId: 'completeMultipart',
      summary: 'Makes one object of the parts',
      request: { params, body: { required: true, ...json(completeSchema) } },
      responses: {
        200: { description: 'The object is there', ...json(z.object({ key: z.string() })) },
        ...problemResponses(400, 404, 409, 413, 415, 502),
      },
    }),
    async (context) => {
      const { key, parts } = context.req.valid('json');
      const { uploadId: UploadId } = readId(context.req.valid('param').uploadId, maxUploadBytes);
      const Parts = parts
        .toSorted((a, b) => a.partNumber - b.partNumber)
        .map(({ partNumber: PartNumber, etag: ETag }) => ({ PartNumber, ETag }));
      await known(() =>
        s3.send(
          new CompleteMultipartUploadCommand({ Bucket, Key: key, UploadId, MultipartUpload: { Parts } }),
        ),
      );
      return context.json({ key });
    },
  );

  app.openapi(
    createRoute({
      method: 'delete',
      path: '/multipart/{uploadId}',
      operationId: 'abortMultipart',
      summary: 'Gives an upload in parts up, and removes its parts',
      request: { params, query: z.object({ key: batchKey }) },
      responses: { 204: { description: 'It is gone' }, ...problemResponses(400, 404, 502) },
    }),
    async (context) => {
      const { uploadId: UploadId } = readId(context.req.valid('param').uploadId, maxUploadBytes);
      const { key } = context.req.valid('query');
      await known(() => s3.send(new AbortMultipartUploadCommand({ Bucket, Key: key, UploadId })));
      return context.body(null, 204);
    },
  );
}

/** Tells the client's mistakes from failures of S3. */
async function known<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (!(error instanceof S3ServiceException)) throw error;
    if (error.name === 'NoSuchUpload')
      throw new RequestProblem(
        404,
        'upload.unknown',
        'there is no such upload in parts; begin anew with `POST /multipart`',
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
