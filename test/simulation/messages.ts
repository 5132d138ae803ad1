import type { Message as SdkMessage } from '@aws-sdk/client-sqs';
import { parseNotification } from '../../src/core/notification.ts';
import type { ObjectRef } from '../../src/core/object-ref.ts';
import type { Message } from '../../src/local/sqs/message.ts';

/** The uploads that the body of a message speaks of; none when it is no notification. */
export function objectsIn(body: string): ObjectRef[] {
  try {
    const notification = parseNotification(body);
    return notification.kind === 'objects' ? notification.objects : [];
  } catch {
    return [];
  }
}

export function keysIn(body: string): string[] {
  return objectsIn(body).map(({ key }) => key);
}

/** As an operator receives it. */
export function sdkMessage({
  id,
  body,
  attributes,
  deadLetterSource,
  receiveCount,
  sentAt,
}: Message): SdkMessage {
  return {
    MessageId: id,
    Body: body,
    MessageAttributes: Object.fromEntries(
      Object.entries(attributes).map(([name, { DataType, StringValue, BinaryValue }]) => [
        name,
        {
          DataType,
          ...(StringValue === undefined ? {} : { StringValue }),
          ...(BinaryValue === undefined ? {} : { BinaryValue: Buffer.from(BinaryValue, 'base64') }),
        },
      ]),
    ),
    Attributes: {
      ApproximateReceiveCount: String(receiveCount),
      SentTimestamp: String(sentAt),
      ...(deadLetterSource === undefined ? {} : { DeadLetterQueueSourceArn: deadLetterSource }),
    },
  };
}
