import * as z from 'zod';
import { json, problemResponses, route } from './describe.ts';
import { batchId, objectKey, uploadFile } from './fields.ts';
import { LIMITS } from './limits.ts';

const partNumber = z.int().min(1).max(10_000);
/** Allows only keys in batches. */
const batchKey = objectKey.regex(
  /^batches\/\d{8}-[0-9a-f]{32}\/./,
  'expected a key as `POST /multipart` answered it',
);
const uploadId = z.string().min(1).max(1024).describe('Id of the multipart upload.');
const params = z.object({ uploadId });

const startedSchema = z
  .object({
    batch: batchId,
    key: z.string(),
    uploadId,
    partSize: z.int().describe('Size of every part except the last, in bytes.'),
    parts: z.int().describe('Number of parts.'),
  })
  .meta({ id: 'MultipartUpload' });
const signSchema = z
  .strictObject({ key: batchKey, partNumbers: z.array(partNumber).min(1).max(LIMITS.signedParts) })
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

export function createMultipart(maxUploadBytes: number) {
  const file = uploadFile(maxUploadBytes)
    .safeExtend({ batch: batchId.optional() })
    .meta({ id: 'MultipartRequest' });
  return {
    ...route('createMultipart'),
    summary: 'Starts a multipart upload',
    request: { body: { required: true, ...json(file) } },
    responses: {
      200: { description: 'The upload has begun', ...json(startedSchema) },
      ...problemResponses(400, 413, 415, 502),
    },
  };
}

export const signParts = {
  ...route('signParts'),
  summary:
    'Signs URLs to PUT parts to, each for exactly the bytes of that part, for 15 minutes; keep the ETag that S3 answers',
  request: { params, body: { required: true, ...json(signSchema) } },
  responses: {
    200: { description: 'Where to PUT each part', ...json(signedSchema) },
    ...problemResponses(400, 404, 413, 415),
  },
};

export const completeMultipart = {
  ...route('completeMultipart'),
  summary: 'Completes a multipart upload',
  request: { params, body: { required: true, ...json(completeSchema) } },
  responses: {
    200: { description: 'The object is stored', ...json(z.object({ key: z.string() })) },
    ...problemResponses(400, 404, 409, 413, 415, 502),
  },
};

export const abortMultipart = {
  ...route('abortMultipart'),
  summary: 'Aborts a multipart upload and deletes its parts',
  request: { params, query: z.object({ key: batchKey }) },
  responses: { 204: { description: 'It is gone' }, ...problemResponses(400, 404, 502) },
};
