import { SendMessageBatchCommand, type MessageAttributeValue } from '@aws-sdk/client-sqs';
import { DEAD_LETTER_ATTRIBUTES } from '../../core/dead-letter.ts';
import { batchesOf } from '../../core/message-batches.ts';
import type { OpsContext } from '../context.ts';

/** A message that goes to the retry queue once more. */
export interface Resent {
  /** Its id in the dead-letter queue. */
  id: string;
  body: string;
  attributes: Record<string, MessageAttributeValue>;
}

/** The attribute that names the redrive a message went through last: what fails again is known by it. */
export const REDRIVE_ATTRIBUTE = 'redrive';
/** SQS takes ten a message. */
const MAX_ATTRIBUTES = 10;

/**
 * Sends dead letters to the retry queue, with the attributes they have and the mark of the redrive.
 * @returns the new message id of each that SQS took, by the old one
 */
export async function sendToRetry(
  { sqs, deployment }: OpsContext,
  messages: readonly Resent[],
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

function marked(attributes: Resent['attributes'], redrive: string): Resent['attributes'] {
  const kept = { ...attributes };
  delete kept[REDRIVE_ATTRIBUTE];
  // Only what this project added itself may make room: the attempts of a run that is over.
  if (Object.keys(kept).length >= MAX_ATTRIBUTES) delete kept[DEAD_LETTER_ATTRIBUTES.attempts];
  if (Object.keys(kept).length >= MAX_ATTRIBUTES) return kept;
  return { ...kept, [REDRIVE_ATTRIBUTE]: { DataType: 'String', StringValue: redrive } };
}

function bytesOf({ body, attributes }: Resent): number {
  return Buffer.byteLength(body) + Buffer.byteLength(JSON.stringify(attributes));
}
