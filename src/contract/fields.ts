import * as z from 'zod';
import { isTooLong, MAX_KEY_BYTES } from '../core/keys.ts';
import { cleanName } from './clean-name.ts';

/** Fields that several routes have. */

/**
 * A batch is a prefix: its id is in every key and stored nowhere else. Anyone who knows the id may add to the
 * batch and see it, so most of it is random. The date in front lets people and lifecycle rules tell batches by age.
 */
export const batchId = z
  .string()
  .regex(/^\d{8}-[0-9a-f]{32}$/, 'expected the id of a batch, as `POST /uploads` answers it')
  .describe('Id of a batch. It cannot be guessed.');

export const objectKey = z
  .string()
  .min(1, 'expected a key')
  .refine((key) => !isTooLong(key), 'expected a key of at most 1,024 bytes');

/** A count. */
export const count = z.int().min(0);

export const time = z.iso.datetime();

/** An upload bucket; the first is the default. */
export function uploadBucket([first = '', ...others]: readonly string[], message: string) {
  return z.enum([first, ...others], message).default(first);
}

/** A file to upload. */
export function uploadFile(maxUploadBytes: number) {
  return z
    .strictObject({
      name: z
        .string()
        .max(MAX_KEY_BYTES, 'expected a name of at most 1,024 characters')
        .refine((name) => name.isWellFormed(), 'expected a name in Unicode')
        .refine((name) => cleanName(name) !== '', 'expected a file name')
        .describe(
          'Path of the file, with slashes. The key keeps it, except for what S3 or a form cannot represent, so use the key in the response.',
        ),
      type: z
        .string()
        .regex(/^[\w.+-]+\/[\w.+-]+$/, 'expected a media type, such as `image/jpeg`')
        .max(100)
        .default('application/octet-stream')
        .describe('Media type. It does not affect the conversion, which detects the type from the content.'),
      size: z
        .int()
        .min(1, 'the file is empty; leave it out')
        .max(maxUploadBytes, `the file is too large: this pipeline takes ${maxUploadBytes} bytes at most`)
        .describe('Bytes.'),
    })
    .meta({ id: 'UploadFile' });
}
