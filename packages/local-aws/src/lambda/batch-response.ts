import * as z from 'zod';

/** https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html#services-sqs-batchfailurereporting */
const responseSchema = z
  .object({ batchItemFailures: z.array(z.object({ itemIdentifier: z.string().min(1) })).nullish() })
  .nullish();

/**
 * Returns which messages a function's response reports as failed, by Lambda's rules: an empty response means that all
 * succeeded; a malformed response, or one that names a message outside the batch, fails the whole batch.
 */
export function failedMessages(answer: unknown, batch: readonly string[]): ReadonlySet<string> {
  const parsed = responseSchema.safeParse(answer);
  if (!parsed.success) return new Set(batch);
  const failed = new Set((parsed.data?.batchItemFailures ?? []).map(({ itemIdentifier }) => itemIdentifier));
  return [...failed].every((id) => batch.includes(id)) ? failed : new Set(batch);
}
