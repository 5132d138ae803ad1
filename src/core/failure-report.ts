import * as z from 'zod';

/** The JSON object in the failure bucket, under the upload's key, that says why there is no result. */
export const failureReportSchema = z.object({
  version: z.literal(1),
  /**
   * `failed`: final. `attempting`: written before an attempt of the retry lane. It stays while the attempt is under way,
   * until the next attempt after a failure, and for good if the process died, whose reason it already holds.
   */
  status: z.enum(['failed', 'attempting']),
  /** One of `CODES`, or a later version's code. */
  code: z.string(),
  message: z.string(),
  bucket: z.string(),
  key: z.string(),
  source: z.object({ etag: z.string(), versionId: z.string().optional(), lastModified: z.string() }),
  /** Id of the recipe. */
  recipe: z.string(),
  /** The number of the attempt, starting at 1. */
  attempt: z.int(),
  /** ISO 8601. */
  at: z.string(),
  /** When an unfinished attempt and all that could follow it must be over: ISO 8601. Null in a final report. */
  overAt: z.string().nullable().default(null),
  /** Where its logs are. */
  messageId: z.string(),
  requestId: z.string(),
  logGroup: z.string(),
  logStream: z.string(),
});

export type FailureReport = z.infer<typeof failureReportSchema>;
