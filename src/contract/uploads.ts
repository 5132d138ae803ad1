import * as z from 'zod';
import { json, problemResponses, route } from './describe.ts';
import { batchId, uploadFile } from './fields.ts';
import { LIMITS } from './limits.ts';

const answer = z
  .object({
    batch: batchId,
    prefix: z.string().describe('Prefix of every key in the batch.'),
    post: z.object({
      url: z.url().describe('Where to POST each file, as `multipart/form-data`.'),
      fields: z
        .record(z.string(), z.string())
        .describe(
          'Form fields. Send these first, then the `key` and `Content-Type` of the file, and `file` last.',
        ),
    }),
    expiresAt: z.iso
      .datetime()
      .describe('When the policy expires. Uploads already in progress are not interrupted.'),
    multipartAbove: z.int().describe('Bytes. Send larger files in parts: `POST /multipart`.'),
    files: z
      .array(z.object({ name: z.string(), key: z.string() }))
      .describe(
        'In the order of the request. Only the client knows the total: a batch has no record besides its objects.',
      ),
  })
  .meta({ id: 'UploadAnswer' });

function request(maxUploadBytes: number) {
  return z
    .strictObject({
      batch: batchId
        .optional()
        .describe('Adds files to this batch, or signs its files again. Without it, a new batch starts.'),
      files: z
        .array(uploadFile(maxUploadBytes))
        .min(1, 'expected at least one file')
        .max(
          LIMITS.files,
          `expected at most ${LIMITS.files} files; send the others in another call with \`batch\``,
        ),
    })
    .meta({ id: 'UploadRequest' });
}

export function createUploads(maxUploadBytes: number) {
  return {
    ...route('createUploads'),
    summary: 'Signs one form policy for a whole batch of files',
    request: { body: { required: true, ...json(request(maxUploadBytes)) } },
    responses: {
      200: { description: 'What to POST to S3', ...json(answer) },
      ...problemResponses(400, 413, 415, 502),
    },
  };
}
