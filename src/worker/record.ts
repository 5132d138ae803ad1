import type { SQSRecord } from 'aws-lambda';
import type { Config } from './config.ts';

/** Which queue a record came from: `batch` is the conversion queue, `retry` the one that is consumed one by one. */
export type Lane = 'batch' | 'retry';

export function laneOf(record: SQSRecord, config: Pick<Config, 'retryQueueArn'>): Lane {
  return record.eventSourceARN === config.retryQueueArn ? 'retry' : 'batch';
}

/** How often the message has been received, this time included. */
export function receiveCount(record: SQSRecord): number {
  return Number(record.attributes.ApproximateReceiveCount);
}
