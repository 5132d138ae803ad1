import type { SQSRecord } from 'aws-lambda';
import type { Config } from './config.ts';

/** The queue that a record came from: `batch` for the conversion queue, `retry` for the retry queue (batch size 1). */
export type Lane = 'batch' | 'retry';

export function laneOf(record: SQSRecord, config: Pick<Config, 'retryQueueArn'>): Lane {
  return record.eventSourceARN === config.retryQueueArn ? 'retry' : 'batch';
}

/** Returns how often the message has been received, including this time. */
export function receiveCount(record: SQSRecord): number {
  return Number(record.attributes.ApproximateReceiveCount);
}
