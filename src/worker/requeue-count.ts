import type { MessageAttributeValue } from '@aws-sdk/client-sqs';
import type { SQSRecord } from 'aws-lambda';
import { attributesOf } from './queues.ts';

/** Message attribute: how often a message was sent back to the conversion queue because no time was left for it. */
const ATTRIBUTE = 'millrace-rounds';
/**
 * Requeues after which a message goes to the retry queue instead. Each batch begins with the messages that were
 * requeued most often, so few reach this limit however many wait (docs/adr/0017). Lambda treats a chain of 16 as a loop
 * and stops it.
 * https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html
 */
export const MAX_REQUEUES = 10;
/** SQS allows ten attributes per message. A message from elsewhere may already have ten. */
const MAX_ATTRIBUTES = 10;

/** Returns how often a message was requeued. */
export function requeueCount({ messageAttributes }: Pick<SQSRecord, 'messageAttributes'>): number {
  const rounds = Number(messageAttributes[ATTRIBUTE]?.stringValue);
  return Number.isInteger(rounds) && rounds > 0 ? rounds : 0;
}

/** Returns the attributes of the message that requeues a record. */
export function requeueAttributes(record: SQSRecord): Record<string, MessageAttributeValue> {
  const kept = Object.entries(attributesOf(record))
    .filter(([name]) => name !== ATTRIBUTE)
    .slice(0, MAX_ATTRIBUTES - 1);
  const count = { DataType: 'Number', StringValue: String(requeueCount(record) + 1) };
  return { ...Object.fromEntries(kept), [ATTRIBUTE]: count };
}
