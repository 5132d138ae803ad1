import {
  ChangeMessageVisibilityCommand,
  DeleteMessageBatchCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  type MessageAttributeValue,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import type { SQSRecord } from 'aws-lambda';
import { defined } from '../core/defined.ts';
import { Retryable } from '../core/errors.ts';
import { batchesOf } from '../core/message-batches.ts';
import type { Config } from './config.ts';
import { messageOf } from '../core/message-of.ts';

export interface Outgoing {
  body: string;
  attributes?: Record<string, MessageAttributeValue>;
  /** Seconds until the message can be received, at most 900. */
  delaySeconds?: number;
}

/** The worker's SQS operations. Every failure is thrown as `Retryable`. */
export interface Queues {
  /** Sends a new message to the conversion queue. */
  sendToConversion(message: Outgoing): Promise<void>;
  sendToRetry(message: Outgoing): Promise<void>;
  sendToDeadLetters(message: Outgoing): Promise<void>;
  /**
   * Forwards records unchanged to the retry queue. Returns the message ids of the records sent, and the error if a
   * whole request failed.
   */
  forwardToRetry(records: SQSRecord[]): Promise<{ sent: Set<string>; error?: unknown }>;
  /**
   * Deletes records of the conversion queue. Records that could not be deleted are received again, which is harmless.
   */
  deleteFromConversion(records: SQSRecord[]): Promise<void>;
  /** Hides a record of the retry queue for this many seconds from now. */
  hideInRetry(record: SQSRecord, seconds: number): Promise<void>;
}

export function createQueues(sqs: SQSClient, config: Config): Queues {
  const send = (QueueUrl: string, { body, attributes, delaySeconds }: Outgoing) =>
    translated(() =>
      sqs.send(
        new SendMessageCommand({
          QueueUrl,
          MessageBody: body,
          ...defined({ MessageAttributes: attributes, DelaySeconds: delaySeconds }),
        }),
      ),
    );

  return {
    sendToConversion: async (message) => void (await send(config.conversionQueueUrl, message)),
    sendToRetry: async (message) => void (await send(config.retryQueueUrl, message)),
    sendToDeadLetters: async (message) => void (await send(config.deadLetterQueueUrl, message)),

    async forwardToRetry(records) {
      const sent = new Set<string>();
      let failed: { error?: unknown } = {};
      for (const part of batchesOf(records, bytesOf)) {
        const sending = sqs.send(
          new SendMessageBatchCommand({
            QueueUrl: config.retryQueueUrl,
            Entries: part.map((record, index) => ({
              Id: String(index),
              MessageBody: record.body,
              MessageAttributes: attributesOf(record),
            })),
          }),
        );
        try {
          for (const { Id } of (await sending).Successful ?? []) {
            const record = part[Number(Id)];
            if (record !== undefined) sent.add(record.messageId);
          }
        } catch (error) {
          failed = { error };
        }
      }
      return { sent, ...failed };
    },

    async deleteFromConversion(records) {
      if (records.length === 0) return;
      await translated(() =>
        sqs.send(
          new DeleteMessageBatchCommand({
            QueueUrl: config.conversionQueueUrl,
            Entries: records.map(({ receiptHandle }, index) => ({
              Id: String(index),
              ReceiptHandle: receiptHandle,
            })),
          }),
        ),
      );
    },

    async hideInRetry({ receiptHandle }, seconds) {
      await translated(() =>
        sqs.send(
          new ChangeMessageVisibilityCommand({
            QueueUrl: config.retryQueueUrl,
            ReceiptHandle: receiptHandle,
            VisibilityTimeout: seconds,
          }),
        ),
      );
    },
  };
}

/** Returns a message's attributes in the format for sending. */
export function attributesOf(record: SQSRecord): Record<string, MessageAttributeValue> {
  return Object.fromEntries(
    Object.entries(record.messageAttributes).map(([name, { dataType, stringValue, binaryValue }]) => [
      name,
      {
        DataType: dataType,
        ...(stringValue === undefined || stringValue === null ? {} : { StringValue: stringValue }),
        ...(binaryValue === undefined || binaryValue === null
          ? {}
          : { BinaryValue: Buffer.from(binaryValue, 'base64') }),
      },
    ]),
  );
}

function bytesOf({ body, messageAttributes }: SQSRecord): number {
  return Buffer.byteLength(body) + Buffer.byteLength(JSON.stringify(messageAttributes));
}

async function translated<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw new Retryable('storage.unavailable', `SQS failed: ${messageOf(error)}`, {
      cause: error,
    });
  }
}
