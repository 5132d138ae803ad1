import type { Message as SdkMessage } from '@aws-sdk/client-sqs';
import type { Message } from '@millrace/local-aws/models';

/** A message as an operator receives it. */
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
