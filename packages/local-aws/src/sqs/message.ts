import { createHash } from 'node:crypto';

export interface MessageAttribute {
  DataType: string;
  StringValue?: string;
  /** Base64, as in requests. */
  BinaryValue?: string;
}

/** A message in a queue. Times are milliseconds since the epoch. */
export interface Message {
  id: string;
  body: string;
  attributes: Record<string, MessageAttribute>;
  traceHeader?: string;
  /** MessageGroupId: the message's tenant. */
  groupId?: string;
  /** When it was enqueued. A dead letter keeps the time of its first queue, so it may expire soon. */
  sentAt: number;
  /** When it can be received: after its delay or its visibility timeout. */
  visibleAt: number;
  receiveCount: number;
  firstReceivedAt?: number;
  /** The receipt handle of the last receive, while it is valid. */
  receipt?: string;
  /** The queue from which the redrive policy moved it. */
  deadLetterSource?: string;
}

export function md5(text: string): string {
  return createHash('md5').update(text).digest('hex');
}

/**
 * Returns the digest of message attributes, which clients check.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html#sqs-attributes-md5-message-digest-calculation
 */
export function md5OfAttributes(attributes: Record<string, MessageAttribute>): string | undefined {
  const names = Object.keys(attributes).toSorted((a, b) => (a < b ? -1 : 1));
  if (names.length === 0) return undefined;
  const hash = createHash('md5');
  const add = (value: Buffer) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(value.byteLength);
    hash.update(length).update(value);
  };
  for (const name of names) {
    const attribute = attributes[name];
    if (attribute === undefined) continue;
    add(Buffer.from(name));
    add(Buffer.from(attribute.DataType));
    const binary = attribute.BinaryValue !== undefined;
    hash.update(Buffer.of(binary ? 2 : 1));
    add(
      binary ? Buffer.from(attribute.BinaryValue ?? '', 'base64') : Buffer.from(attribute.StringValue ?? ''),
    );
  }
  return hash.digest('hex');
}

/** Returns the size for SQS's limits: the body, and the name, type and value of each attribute. */
export function sizeOf(body: string, attributes: Record<string, MessageAttribute>): number {
  let bytes = Buffer.byteLength(body);
  for (const [name, { DataType, StringValue = '', BinaryValue = '' }] of Object.entries(attributes)) {
    bytes += Buffer.byteLength(name + DataType + StringValue) + Buffer.byteLength(BinaryValue, 'base64');
  }
  return bytes;
}
