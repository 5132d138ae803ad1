import { SendMessageBatchCommand, type MessageAttributeValue } from '@aws-sdk/client-sqs';
import { DEAD_LETTER_ATTRIBUTES } from '../../core/dead-letter.ts';
import { batchesOf } from '../../core/message-batches.ts';
import type { OpsContext } from '../context.ts';

/** A message to send to the retry queue again. */
export interface RetryMessage {
  /** The message's id in the dead-letter queue. */
  id: string;
  body: string;
  attributes: Record<string, MessageAttributeValue>;
}

/** The attribute that names a message's last redrive. It identifies messages that fail again. */
export const REDRIVE_ATTRIBUTE = 'redrive';
/** SQS allows ten attributes per message. */
const MAX_ATTRIBUTES = 10;

/**
 * Sends dead letters to the retry queue with their attributes and the id of the redrive.
 * @returns the new message ids of the messages that SQS accepted, by their old ids
 */
export async function sendToRetry(
  { sqs, deployment }: OpsContext,
  messages: readonly RetryMessage[],
  redrive: string,
): Promise<Map<string, string>> {
  const newIds = new Map<string, string>();
  for (const batch of batchesOf(messages, bytesOf)) {
    const { Successful = [] } = await sqs.send(
      new SendMessageBatchCommand({
        QueueUrl: deployment.retryQueueUrl,
        Entries: batch.map(({ body, attributes }, index) => ({
          Id: String(index),
          MessageBody: body,
          MessageAttributes: marked(attributes, redrive),
        })),
      }),
    );
    for (const { Id, MessageId = '' } of Successful) {
      const sent = batch[Number(Id)];
      if (sent !== undefined) newIds.set(sent.id, MessageId);
    }
  }
  return newIds;
}

function marked(attributes: RetryMessage['attributes'], redrive: string): RetryMessage['attributes'] {
  const kept = { ...attributes };
  delete kept[REDRIVE_ATTRIBUTE];
  // Only an attribute that Millrace added may be dropped to make room: the attempts of the past run.
  if (Object.keys(kept).length >= MAX_ATTRIBUTES) delete kept[DEAD_LETTER_ATTRIBUTES.attempts];
  if (Object.keys(kept).length >= MAX_ATTRIBUTES) return kept;
  return { ...kept, [REDRIVE_ATTRIBUTE]: { DataType: 'String', StringValue: redrive } };
}

function bytesOf({ body, attributes }: RetryMessage): number {
  return Buffer.byteLength(body) + Buffer.byteLength(JSON.stringify(attributes));
}
