import * as z from 'zod';
import {
  action,
  checkBody,
  checkGroup,
  messageAttributes,
  queueOf,
  queueUrl,
  refuseForFifo,
  UNUSED_LISTS,
  type Action,
  type ActionContext,
} from '../action.ts';
import { defined } from '../../defined.ts';
import { batch, checkBatchSize } from '../batch.ts';
import { md5, md5OfAttributes } from '../message.ts';
import type { Received } from '../model/receive.ts';
import type { QueueState } from '../queue.ts';

const DELAY = z.int().min(0).max(900);
const VISIBILITY = z.int().min(0).max(43_200);
const systemAttributes = z
  .strictObject({
    AWSTraceHeader: z
      .strictObject({ DataType: z.literal('String'), StringValue: z.string(), ...UNUSED_LISTS })
      .optional(),
  })
  .default({});

const outgoing = {
  MessageBody: z.string(),
  DelaySeconds: DELAY.optional(),
  MessageAttributes: messageAttributes.default({}),
  MessageSystemAttributes: systemAttributes,
  MessageGroupId: z.string().optional(),
  MessageDeduplicationId: z.string().optional(),
};
const outgoingSchema = z.strictObject(outgoing);

function send(queue: QueueState, input: z.infer<typeof outgoingSchema>, { model }: ActionContext) {
  const { MessageBody, DelaySeconds, MessageAttributes, MessageSystemAttributes, MessageGroupId } = input;
  checkBody(MessageBody);
  checkGroup(MessageGroupId);
  refuseForFifo('MessageDeduplicationId', input.MessageDeduplicationId);
  const traceHeader = MessageSystemAttributes.AWSTraceHeader?.StringValue;
  const { id, body, attributes } = model.send(queue, {
    body: MessageBody,
    attributes: MessageAttributes,
    ...defined({ delaySeconds: DelaySeconds, groupId: MessageGroupId, traceHeader }),
  });
  const digest = md5OfAttributes(attributes);
  return {
    MessageId: id,
    MD5OfMessageBody: md5(body),
    ...defined({ MD5OfMessageAttributes: digest }),
  };
}

const receiveSchema = z.strictObject({
  QueueUrl: queueUrl,
  MaxNumberOfMessages: z.int().min(1).max(10).default(1),
  WaitTimeSeconds: z.int().min(0).max(20).optional(),
  VisibilityTimeout: VISIBILITY.optional(),
  AttributeNames: z.array(z.string()).default([]),
  MessageSystemAttributeNames: z.array(z.string()).default([]),
  MessageAttributeNames: z.array(z.string()).default([]),
  ReceiveRequestAttemptId: z.string().optional(),
});

async function receive(
  input: z.infer<typeof receiveSchema>,
  { model, signal }: ActionContext,
): Promise<object> {
  const queue = queueOf(input.QueueUrl, model);
  refuseForFifo('ReceiveRequestAttemptId', input.ReceiveRequestAttemptId);
  const { clock } = model;
  const end = clock.now() + (input.WaitTimeSeconds ?? queue.settings.waitSeconds) * 1000;
  let messages: Received[] = [];
  do {
    await queue.waitForVisible(signal, end - clock.now());
    // Messages received for a disconnected client would stay hidden until their visibility timeout.
    if (signal.aborted) break;
    messages = model.receive(queue, input.MaxNumberOfMessages, input.VisibilityTimeout);
    // The message that woke this poll may already be received, or a dead letter.
  } while (messages.length === 0 && clock.now() < end);
  // The client disconnected before the response, so its messages are made visible at once.
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
    ...defined({
      DeadLetterQueueSourceArn: message.deadLetterSource,
      AWSTraceHeader: message.traceHeader,
      MessageGroupId: message.groupId,
    }),
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

export const messageActions = {
  SendMessage: action(z.strictObject({ QueueUrl: queueUrl, ...outgoing }), (input, context) =>
    send(queueOf(input.QueueUrl, context.model), input, context),
  ),

  SendMessageBatch: action(
    z.strictObject({ QueueUrl: queueUrl, Entries: z.array(z.strictObject({ Id: z.string(), ...outgoing })) }),
    ({ QueueUrl, Entries }, context) => {
      const queue = queueOf(QueueUrl, context.model);
      checkBatchSize(Entries);
      return batch(Entries, (entry) => send(queue, entry, context));
    },
  ),

  ReceiveMessage: action(receiveSchema, receive),

  DeleteMessage: action(
    z.strictObject({ QueueUrl: queueUrl, ReceiptHandle: z.string() }),
    ({ QueueUrl, ReceiptHandle }, { model }) => {
      model.delete(queueOf(QueueUrl, model), ReceiptHandle);
      return {};
    },
  ),

  DeleteMessageBatch: action(
    z.strictObject({
      QueueUrl: queueUrl,
      Entries: z.array(z.strictObject({ Id: z.string(), ReceiptHandle: z.string() })),
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
    z.strictObject({ QueueUrl: queueUrl, ReceiptHandle: z.string(), VisibilityTimeout: VISIBILITY }),
    ({ QueueUrl, ReceiptHandle, VisibilityTimeout }, { model }) => {
      model.changeVisibility(queueOf(QueueUrl, model), ReceiptHandle, VisibilityTimeout);
      return {};
    },
  ),

  ChangeMessageVisibilityBatch: action(
    z.strictObject({
      QueueUrl: queueUrl,
      Entries: z.array(
        z.strictObject({
          Id: z.string(),
          ReceiptHandle: z.string(),
          VisibilityTimeout: VISIBILITY.optional(),
        }),
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
