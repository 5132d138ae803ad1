/**
 * What SQS takes in one request: ten messages, which together may have as many bytes as one alone.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html
 */
const BATCH_ENTRIES = 10;
const BATCH_BYTES = 256 * 1024;

/** Splits messages into batches that fit into one request, in order. */
export function* batchesOf<T>(messages: readonly T[], bytesOf: (message: T) => number): Generator<T[]> {
  let batch: T[] = [];
  let bytes = 0;
  for (const message of messages) {
    const size = bytesOf(message);
    if (batch.length > 0 && (batch.length === BATCH_ENTRIES || bytes + size > BATCH_BYTES)) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(message);
    bytes += size;
  }
  if (batch.length > 0) yield batch;
}
