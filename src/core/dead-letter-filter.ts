import * as z from 'zod';
import { MAX_KEY_BYTES } from './keys.ts';

/**
 * Which dead letters are meant, as a request or the record of a redrive says it; every part that is given must hold.
 */
export const filterSchema = z
  .strictObject({
    code: z.string().max(100).optional(),
    prefix: z.string().max(MAX_KEY_BYTES).optional().describe('The key begins with it.'),
    key: z.string().max(MAX_KEY_BYTES).optional().describe('The key, or the message id.'),
    since: z.iso.datetime().optional().describe('Sent at that time or later.'),
  })
  .meta({ id: 'DeadLetterFilter' });

export type FilterRequest = z.infer<typeof filterSchema>;
