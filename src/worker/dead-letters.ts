import type { SQSRecord } from 'aws-lambda';
import { attributeText, DEAD_LETTER_ATTRIBUTES } from '../core/dead-letter.ts';
import { attributesOf, type Queues } from './queues.ts';

export interface DeadLetterReason {
  code: string;
  message: string;
  attempts: number;
}

/** Sends a message to the dead-letter queue, with the reason in its attributes. */
export type SendDeadLetter = (record: SQSRecord, body: string, reason: DeadLetterReason) => Promise<void>;

/** SQS allows ten attributes per message. A message from elsewhere may already have ten. */
const MAX_ATTRIBUTES = 10;

export function createSendDeadLetter(queues: Queues): SendDeadLetter {
  return (record, body, { code, message, attempts }) => {
    const reason = {
      [DEAD_LETTER_ATTRIBUTES.code]: { DataType: 'String', StringValue: code },
      [DEAD_LETTER_ATTRIBUTES.message]: { DataType: 'String', StringValue: attributeText(message) },
      [DEAD_LETTER_ATTRIBUTES.attempts]: { DataType: 'Number', StringValue: String(attempts) },
    };
    const kept = Object.entries(attributesOf(record))
      .filter(([name]) => !(name in reason))
      .slice(0, MAX_ATTRIBUTES - Object.keys(reason).length);
    return queues.sendToDeadLetters({ body, attributes: { ...Object.fromEntries(kept), ...reason } });
  };
}
