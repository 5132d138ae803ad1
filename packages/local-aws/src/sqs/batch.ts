import { AwsError } from '../aws-error.ts';
import { sizeOf, type MessageAttribute } from './message.ts';

interface Entry {
  Id: string;
}

/**
 * Runs a batch entry by entry, and reports failures per entry.
 * @throws AwsError EmptyBatchRequest, TooManyEntriesInBatchRequest, InvalidBatchEntryId, BatchEntryIdsNotDistinct
 */
export function batch<T extends Entry>(entries: T[], run: (entry: T) => object): object {
  if (entries.length === 0)
    throw batchError('EmptyBatchRequest', 'There should be at least one entry in the request.');
  if (entries.length > 10) {
    throw batchError(
      'TooManyEntriesInBatchRequest',
      `Maximum number of entries per request are 10. You have sent ${entries.length}.`,
    );
  }
  if (entries.some(({ Id }) => !/^[A-Za-z0-9_-]{1,80}$/.test(Id))) {
    throw batchError(
      'InvalidBatchEntryId',
      'A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.',
    );
  }
  if (new Set(entries.map(({ Id }) => Id)).size < entries.length) {
    throw batchError(
      'BatchEntryIdsNotDistinct',
      'Two or more batch entries in the request have the same Id.',
    );
  }
  const Successful: object[] = [];
  const Failed: object[] = [];
  for (const entry of entries) {
    try {
      Successful.push({ Id: entry.Id, ...run(entry) });
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      Failed.push({
        Id: entry.Id,
        Code: error.code,
        Message: error.message,
        SenderFault: error.status < 500,
      });
    }
  }
  return { Successful, Failed };
}

function batchError(code: string, message: string): AwsError {
  return new AwsError(code, 400, message);
}

/** The limit for a batch is that of a single message. */
const BATCH_BYTES = 1_048_576;

/** @throws AwsError BatchRequestTooLong */
export function checkBatchSize(
  entries: { MessageBody: string; MessageAttributes: Record<string, MessageAttribute> }[],
): void {
  const bytes = entries.reduce(
    (sum, { MessageBody, MessageAttributes }) => sum + sizeOf(MessageBody, MessageAttributes),
    0,
  );
  if (bytes > BATCH_BYTES) {
    throw batchError(
      'BatchRequestTooLong',
      `Batch requests cannot be longer than ${BATCH_BYTES} bytes. You have sent ${bytes} bytes.`,
    );
  }
}
