import type { MessageAttributeValue } from '@aws-sdk/client-sqs';
import type { SQSRecord } from 'aws-lambda';
import { attributesOf } from './queues.ts';

/** How often a message went back to the conversion queue because no time was left for it. */
const ROUNDS = 'millrace-rounds';
/**
 * Rounds after which a message goes to the retry lane instead. In each batch the messages with the highest number of
 * rounds begin first, so few get there, however many wait (docs/adr/0017). Lambda takes a chain of 16 for a loop and
 * ends it.
 * https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html
 */
export const MAX_ROUNDS = 10;
/** SQS allows ten attributes per message; a foreign message may already have ten. */
const MAX_ATTRIBUTES = 10;

export function roundsOf({ messageAttributes }: Pick<SQSRecord, 'messageAttributes'>): number {
  const rounds = Number(messageAttributes[ROUNDS]?.stringValue);
  return Number.isInteger(rounds) && rounds > 0 ? rounds : 0;
}

/** Returns the attributes with which a record goes back. */
export function attributesOfNextRound(record: SQSRecord): Record<string, MessageAttributeValue> {
  const kept = Object.entries(attributesOf(record))
    .filter(([name]) => name !== ROUNDS)
    .slice(0, MAX_ATTRIBUTES - 1);
  const rounds = { DataType: 'Number', StringValue: String(roundsOf(record) + 1) };
  return { ...Object.fromEntries(kept), [ROUNDS]: rounds };
}
