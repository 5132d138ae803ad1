import * as z from 'zod';
import { resultKey } from '../core/keys.ts';
import type { ApiDeps } from './deps.ts';
import { cleanName } from './clean-name.ts';
import { RequestProblem } from './problem.ts';

/** Bytes. A form of this size still goes through in one piece; a larger file wants to go on where it broke off. */
export const MULTIPART_ABOVE = 100_000_000;
const MAX_KEY_BYTES = 1024;
/** Of a look at the dead-letter queue: API Gateway waits for 29 seconds, and people for fewer. */
export const LOOK_BOUNDS = { letters: 5000, seconds: 10 };

/** A file that is to be uploaded. */
export function fileSchema(maxUploadBytes: number) {
  return z
    .strictObject({
      name: z
        .string()
        .max(MAX_KEY_BYTES, 'expected a name of at most 1,024 characters')
        .refine((name) => name.isWellFormed(), 'expected a name in Unicode')
        .refine((name) => cleanName(name) !== '', 'expected a file name')
        .describe(
          'Path of the file, with slashes. The key keeps it, except for what S3 or a form has no place for: use the key of the answer.',
        ),
      type: z
        .string()
        .regex(/^[\w.+-]+\/[\w.+-]+$/, 'expected a media type, as `image/jpeg`')
        .max(100)
        .default('application/octet-stream')
        .describe('Media type. What is converted, and how, is decided by the content alone.'),
      size: z
        .int()
        .min(1, 'the file is empty; leave it out')
        .max(maxUploadBytes, `the file is too large: this pipeline takes ${maxUploadBytes} bytes at most`)
        .describe('Bytes.'),
    })
    .meta({ id: 'UploadFile' });
}

export const keySchema = z
  .string()
  .min(1, 'expected a key')
  .refine((key) => Buffer.byteLength(key) <= MAX_KEY_BYTES, 'expected a key of at most 1,024 bytes');

/** @throws RequestProblem when a result would have no key in S3 */
export function checkKeyLength(
  key: string,
  where: string,
  { uploadBuckets, renditions }: ApiDeps['deployment'],
): void {
  const namespace = { uploadBuckets, renditions: renditions.map((name) => ({ name })) };
  const [bucket = ''] = uploadBuckets;
  const lengths = renditions.map((name) => Buffer.byteLength(resultKey({ bucket, key }, name, namespace)));
  const excess = Math.max(...lengths) - MAX_KEY_BYTES;
  if (excess <= 0) return;
  const what = `the name is too long by ${excess} bytes: the keys of its results would be longer than S3 allows; shorten it`;
  throw new RequestProblem(400, 'request.invalid', `${where}: ${what}`, [{ where, what }]);
}
