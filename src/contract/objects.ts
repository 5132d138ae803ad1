import * as z from 'zod';
import { json, problemResponses, route } from './describe.ts';
import { objectKey, uploadBucket } from './fields.ts';

const key = z.string();
const basis = z
  .literal('objects')
  .describe('What the response is based on: a check of each object. It is exact.');
/** Describes what `objectStatus` in `src/ops/object-status.ts` finds, without the ids and log streams of attempts. */
export const statusSchema = z
  .discriminatedUnion('status', [
    z.object({
      status: z.literal('converted'),
      basis,
      key,
      stale: z.boolean().describe('Whether a result was made with an older recipe than the deployed one.'),
      results: z.array(
        z.object({
          rendition: z.string(),
          key,
          contentType: z.string(),
          bytes: z.int(),
          width: z.int().optional().describe('Pixels, if the result is an image.'),
          height: z.int().optional().describe('Pixels, if the result is an image.'),
          dominantColor: z
            .string()
            .optional()
            .describe('Such as `#4a90d9`; only if the recipe asks for a placeholder.'),
          thumbhash: z
            .string()
            .optional()
            .describe('A ThumbHash in base64; only if the recipe asks for it as the placeholder.'),
        }),
      ),
    }),
    z.object({
      status: z.literal('failed'),
      basis,
      key,
      code: z.string(),
      message: z.string(),
      attempts: z.int(),
      at: z.iso.datetime().describe('When the last attempt failed.'),
    }),
    z.object({
      status: z.literal('pending'),
      basis,
      key,
      attempting: z.literal(true).optional().describe('An attempt has started and has not ended.'),
    }),
    z.object({ status: z.literal('ignored'), basis, key }),
    z.object({ status: z.literal('unknown'), basis, key }),
  ])
  .meta({ id: 'ObjectStatus' });

export function getObject(uploadBuckets: readonly string[]) {
  return {
    ...route('getObject'),
    summary: 'Returns the status of an upload',
    description:
      'Checks the current version of the upload, its results and its failure report, so the answer is exact. ' +
      'An upload is `converted` if every result derives from the current version, `failed` if its last attempt ' +
      'says why there is no result, and `pending` otherwise. It is `ignored` if there is nothing to convert: the ' +
      'recipe ignores its name, or it is a folder placeholder, which has no bytes and a key that ends in `/`.',
    request: {
      params: z.object({ key: objectKey.describe('Key of the upload. Slashes can be encoded or not.') }),
      query: z.object({
        bucket: uploadBucket(uploadBuckets, `expected an upload bucket: ${uploadBuckets.join(', ')}`),
      }),
    },
    responses: {
      200: { description: 'Converted, failed, pending or ignored', ...json(statusSchema) },
      404: { description: 'There is no such upload: `unknown`', ...json(statusSchema) },
      ...problemResponses(400, 502),
    },
  };
}
