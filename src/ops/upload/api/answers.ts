import * as z from 'zod';

/** What the API answers, as far as an upload asks: `GET /openapi.json` has all of it. */
export const signedSchema = z.object({
  batch: z.string(),
  prefix: z.string(),
  post: z.object({ url: z.url(), fields: z.record(z.string(), z.string()) }),
  expiresAt: z.iso.datetime(),
  multipartAbove: z.int(),
  files: z.array(z.object({ name: z.string(), key: z.string() })),
});

export type Signed = z.infer<typeof signedSchema>;

export const startedSchema = z.object({
  key: z.string(),
  uploadId: z.string(),
  /** Bytes. */
  partSize: z.int(),
  parts: z.int(),
});

export const partsSchema = z.object({ parts: z.array(z.object({ partNumber: z.int(), url: z.url() })) });

export const countsSchema = z.object({
  uploaded: z.int(),
  converted: z.int(),
  failed: z.int(),
  pending: z.int(),
  ignored: z.int(),
  truncated: z.boolean(),
});

export const objectsSchema = z.object({
  objects: z.array(
    z.object({
      key: z.string(),
      state: z.enum(['converted', 'failed', 'pending', 'ignored']),
      reason: z.object({ code: z.string(), message: z.string() }).optional(),
    }),
  ),
  next: z.string().optional(),
});

/** `GET /objects/{key}` of one that is converted. */
export const convertedSchema = z.object({
  status: z.literal('converted'),
  results: z.array(z.looseObject({ key: z.string() })),
});
