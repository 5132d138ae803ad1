import type { Message, MessageAttributeValue } from '@aws-sdk/client-sqs';
import type { ObjectRef } from '../../core/object-ref.ts';
import type { DeadLetterContext } from '../context.ts';
import { objectsOf, reasonFor, type Reason } from './reason.ts';

/** A message received from the dead-letter queue. */
export interface Received {
  id: string;
  receiptHandle: string;
  /** How often it was received from any queue, including this time. */
  receives: number;
  body: string;
  attributes: Record<string, MessageAttributeValue>;
  /** When it was first sent. A message that SQS moved keeps the time of its first queue, and expires by that. */
  sentAt: Date;
  /** The objects that it names; none if it is not a notification. */
  objects: ObjectRef[];
  raw: Message;
}

/** A message of the dead-letter queue with its reason. */
export interface DeadLetter extends Received, Reason {}

export function readMessage(message: Message): Received {
  return {
    id: message.MessageId ?? '',
    receiptHandle: message.ReceiptHandle ?? '',
    receives: Number(message.Attributes?.ApproximateReceiveCount),
    body: message.Body ?? '',
    attributes: message.MessageAttributes ?? {},
    sentAt: new Date(Number(message.Attributes?.SentTimestamp)),
    objects: objectsOf(message),
    raw: message,
  };
}

/** Finds out why a message is in the dead-letter queue. Uses the reason of its first object. */
export async function withReason(
  received: Received,
  { s3, deployment }: DeadLetterContext,
): Promise<DeadLetter> {
  const [object] = received.objects;
  return { ...received, ...(await reasonFor(received.raw, object, s3, deployment)) };
}

/** Returns the key that identifies a dead letter: that of its first object, or its message id if it names none. */
export function keyOf({ objects: [object], id }: Pick<Received, 'objects' | 'id'>): string {
  return object?.key ?? id;
}
