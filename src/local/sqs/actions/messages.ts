import * as z from 'zod';
import { AwsError } from '../../aws-error.ts';
import {
  action,
  checkBody,
  messageAttributes,
  queueOf,
  queueUrl,
  type Action,
  type ActionContext,
} from '../action.ts';
import { md5, md5OfAttributes, sizeOf, type MessageAttribute } from '../message.ts';
import type { Received } from '../model.ts';
import type { QueueState } from '../queue.ts';

const DELAY = z.int().min(0).max(900);
const VISIBILITY = z.int().min(0).max(43_200);
const systemAttributes = z
  .strictObject({ AWSTraceHeader: z.object({ StringValue: z.string() }).optional() })
  .default({});

const outgoing = {
  MessageBody: z.string(),
  DelaySeconds: DELAY.optional(),
  MessageAttributes: messageAttributes.default({}),
  MessageSystemAttributes: systemAttributes,
};
const outgoingSchema = z.object(outgoing);

function send(queue: QueueState, input: z.infer<typeof outgoingSchema>, { model }: ActionContext) {
  const { MessageBody, DelaySeconds, MessageAttributes, MessageSystemAttributes } = input;
  checkBody(MessageBody);
  const traceHeader = MessageSystemAttributes.AWSTraceHeader?.StringValue;
  const { id, body, attributes } = model.send(queue, {
    body: MessageBody,
    attributes: MessageAttributes,
    ...(DelaySeconds === undefined ? {} : { delaySeconds: DelaySeconds }),
    ...(traceHeader === undefined ? {} : { traceHeader }),
  });
  const digest = md5OfAttributes(attributes);
  return {
    MessageId: id,
    MD5OfMessageBody: md5(body),
    ...(digest === undefined ? {} : { MD5OfMessageAttributes: digest }),
  };
}

const receiveSchema = z.object({
  QueueUrl: queueUrl,
  MaxNumberOfMessages: z.int().min(1).max(10).default(1),
  WaitTimeSeconds: z.int().min(0).max(20).optional(),
  VisibilityTimeout: VISIBILITY.optional(),
  AttributeNames: z.array(z.string()).default([]),
  MessageSystemAttributeNames: z.array(z.string()).default([]),
  MessageAttributeNames: z.array(z.string()).default([]),
});

async function receive(
  input: z.infer<typeof receiveSchema>,
  { model, signal }: ActionContext,
): Promise<object> {
  const queue = queueOf(input.QueueUrl, model);
  const { clock } = model;
  const end = clock.now() + (input.WaitTimeSeconds ?? queue.settings.waitSeconds) * 1000;
  let messages: Received[] = [];
  do {
    await queue.waitForVisible(signal, end - clock.now());
    // A client that is gone would take messages with it until their visibility timeout.
    if (signal.aborted) break;
    messages = model.receive(queue, input.MaxNumberOfMessages, input.VisibilityTimeout);
    // What woke this poll may be another's by now, or a dead letter.
  } while (messages.length === 0 && clock.now() < end);
  // Gone before the answer was written: what it will never see is for others at once.
  signal.addEventListener('abort', () => {
    for (const { receipt } of messages)
      if (model.inFlight(queue, receipt)) model.changeVisibility(queue, receipt, 0);
  });
  const system = [...input.AttributeNames, ...input.MessageSystemAttributeNames];
  return messages.length === 0
    ? {}
    : { Messages: messages.map((message) => describe(message, system, input.MessageAttributeNames)) };
}

function describe(message: Received, systemNames: string[], attributeNames: string[]): object {
  const system: Record<string, string> = {
    SenderId: 'AIDALOCAL',
    SentTimestamp: String(message.sentAt),
    ApproximateReceiveCount: String(message.receiveCount),
    ApproximateFirstReceiveTimestamp: String(message.firstReceivedAt ?? message.sentAt),
    ...(message.deadLetterSource === undefined ? {} : { DeadLetterQueueSourceArn: message.deadLetterSource }),
    ...(message.traceHeader === undefined ? {} : { AWSTraceHeader: message.traceHeader }),
  };
  const Attributes = pick(system, (name) => systemNames.includes('All') || systemNames.includes(name));
  const MessageAttributes = pick(message.attributes, (name) =>
    attributeNames.some((pattern) => matches(pattern, name)),
  );
  const digest = md5OfAttributes(MessageAttributes);
  return {
    MessageId: message.id,
    ReceiptHandle: message.receipt,
    Body: message.body,
    MD5OfBody: md5(message.body),
    ...(Object.keys(Attributes).length === 0 ? {} : { Attributes }),
    ...(digest === undefined ? {} : { MessageAttributes, MD5OfMessageAttributes: digest }),
  };
}

function pick<T>(from: Record<string, T>, wanted: (name: string) => boolean): Record<string, T> {
  return Object.fromEntries(Object.entries(from).filter(([name]) => wanted(name)));
}

/** `All`, `.*`, a name, or a prefix that ends in `.*`. */
function matches(pattern: string, name: string): boolean {
  if (pattern === 'All' || pattern === '.*') return true;
  return pattern.endsWith('.*') ? name.startsWith(pattern.slice(0, -1)) : pattern === name;
}

interface Entry {
  Id: string;
}

/** Runs a batch entry by entry: what fails for one is reported for that one. */
function batch<T extends Entry>(entries: T[], run: (entry: T) => object): object {
  if (entries.length === 0)
    throw batchError('EmptyBatchRequest', 'There should be at least one entry in the request.');
  if (entries.length > 10) {
    throw batchError(
      'TooManyEntriesInBatchRequest',
      `Maximum number of entries per request are 10. You have sent ${entries.length}.`,
    );
  }
  if (entries.some(({ Id }) => !/^[A-Za-z0-9_-]{1,80}$/.test(Id))) {
    throw batchError(
      'InvalidBatchEntryId',
      'A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.',
    );
  }
  if (new Set(entries.map(({ Id }) => Id)).size < entries.length) {
    throw batchError(
      'BatchEntryIdsNotDistinct',
      'Two or more batch entries in the request have the same Id.',
    );
  }
  const Successful: object[] = [];
  const Failed: object[] = [];
  for (const entry of entries) {
    try {
      Successful.push({ Id: entry.Id, ...run(entry) });
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      Failed.push({
        Id: entry.Id,
        Code: error.code,
        Message: error.message,
        SenderFault: error.status < 500,
      });
    }
  }
  return { Successful, Failed };
}

function batchError(code: string, message: string): AwsError {
  return new AwsError(code, 400, message);
}

/** All messages of a batch together may be as large as one. */
const BATCH_BYTES = 1_048_576;

function checkBatchSize(
  entries: { MessageBody: string; MessageAttributes: Record<string, MessageAttribute> }[],
): void {
  const bytes = entries.reduce(
    (sum, { MessageBody, MessageAttributes }) => sum + sizeOf(MessageBody, MessageAttributes),
    0,
  );
  if (bytes > BATCH_BYTES) {
    throw batchError(
      'BatchRequestTooLong',
      `Batch requests cannot be longer than ${BATCH_BYTES} bytes. You have sent ${bytes} bytes.`,
    );
  }
}

export const messageActions = {
  SendMessage: action(z.object({ QueueUrl: queueUrl, ...outgoing }), (input, context) =>
    send(queueOf(input.QueueUrl, context.model), input, context),
  ),

  SendMessageBatch: action(
    z.object({ QueueUrl: queueUrl, Entries: z.array(z.object({ Id: z.string(), ...outgoing })) }),
    ({ QueueUrl, Entries }, context) => {
      const queue = queueOf(QueueUrl, context.model);
      checkBatchSize(Entries);
      return batch(Entries, (entry) => send(queue, entry, context));
    },
  ),

  ReceiveMessage: action(receiveSchema, receive),

  DeleteMessage: action(
    z.object({ QueueUrl: queueUrl, ReceiptHandle: z.string() }),
    ({ QueueUrl, ReceiptHandle }, { model }) => {
      model.delete(queueOf(QueueUrl, model), ReceiptHandle);
      return {};
    },
  ),

  DeleteMessageBatch: action(
    z.object({
      QueueUrl: queueUrl,
      Entries: z.array(z.object({ Id: z.string(), ReceiptHandle: z.string() })),
    }),
    ({ QueueUrl, Entries }, { model }) => {
      const queue = queueOf(QueueUrl, model);
      return batch(Entries, ({ ReceiptHandle }) => {
        model.delete(queue, ReceiptHandle);
        return {};
      });
    },
  ),

  ChangeMessageVisibility: action(
    z.object({ QueueUrl: queueUrl, ReceiptHandle: z.string(), VisibilityTimeout: VISIBILITY }),
    ({ QueueUrl, ReceiptHandle, VisibilityTimeout }, { model }) => {
      model.changeVisibility(queueOf(QueueUrl, model), ReceiptHandle, VisibilityTimeout);
      return {};
    },
  ),

  ChangeMessageVisibilityBatch: action(
    z.object({
      QueueUrl: queueUrl,
      Entries: z.array(
        z.object({ Id: z.string(), ReceiptHandle: z.string(), VisibilityTimeout: VISIBILITY.optional() }),
      ),
    }),
    ({ QueueUrl, Entries }, { model }) => {
      const queue = queueOf(QueueUrl, model);
      return batch(Entries, ({ ReceiptHandle, VisibilityTimeout = queue.settings.visibilitySeconds }) => {
        model.changeVisibility(queue, ReceiptHandle, VisibilityTimeout);
        return {};
      });
    },
  ),
} satisfies Record<string, Action>;
