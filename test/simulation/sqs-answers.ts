import {
  ChangeMessageVisibilityBatchCommand,
  ChangeMessageVisibilityCommand,
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSServiceException,
  type MessageAttributeValue,
} from '@aws-sdk/client-sqs';
import { AwsError } from '@millrace/local-aws/errors';
import type { MessageAttribute, QueueState } from '@millrace/local-aws/models';
import type { Answering } from './s3-answers.ts';
import { sdkMessage } from './messages.ts';
import type { World } from './world.ts';

const THROTTLED = { SenderFault: false, Code: 'ThrottlingException', Message: 'too fast' };

/** A sent message. */
export interface Sent {
  id: string;
  queue: string;
  body: string;
}

/** SQS's responses. `entryFails` decides for each entry of a batch; `onSent` is called for each new message. */
export function answerSqs(
  command: unknown,
  world: World,
  entryFails: () => boolean,
  onSent: (message: Sent) => void,
): Answering {
  const { sqs } = world;
  const sent = (message: Sent) => {
    onSent(message);
    return { MessageId: message.id };
  };
  if (command instanceof SendMessageCommand) {
    const { QueueUrl, MessageBody = '', MessageAttributes, DelaySeconds } = command.input;
    return {
      label: `send to ${QueueUrl}`,
      apply: () => sent(send(world, QueueUrl, MessageBody, MessageAttributes, DelaySeconds)),
    };
  }
  if (command instanceof SendMessageBatchCommand) {
    const { QueueUrl, Entries = [] } = command.input;
    return {
      label: `send ${Entries.length} to ${QueueUrl}`,
      apply: () =>
        inEntries(Entries, entryFails, ({ MessageBody = '', MessageAttributes }) =>
          sent(send(world, QueueUrl, MessageBody, MessageAttributes)),
        ),
    };
  }
  if (command instanceof DeleteMessageBatchCommand) {
    const { QueueUrl, Entries = [] } = command.input;
    return {
      label: `delete ${Entries.length} of ${QueueUrl}`,
      apply: () =>
        inEntries(Entries, entryFails, ({ ReceiptHandle = '' }) => {
          sqs.delete(queueOf(world, QueueUrl), ReceiptHandle);
        }),
    };
  }
  if (command instanceof ReceiveMessageCommand) {
    const { QueueUrl, MaxNumberOfMessages = 1, VisibilityTimeout } = command.input;
    return {
      label: `receive of ${QueueUrl}`,
      apply: () => {
        const received = sqs.receive(queueOf(world, QueueUrl), MaxNumberOfMessages, VisibilityTimeout);
        const Messages = received.map((message) => ({
          ...sdkMessage(message),
          ReceiptHandle: message.receipt,
        }));
        return Messages.length > 0 ? { Messages } : {};
      },
    };
  }
  if (command instanceof GetQueueAttributesCommand) {
    const { QueueUrl } = command.input;
    return {
      label: `count ${QueueUrl}`,
      apply: () => {
        const queue = queueOf(world, QueueUrl);
        const { visible, inFlight, delayed } = queue.counts();
        return {
          Attributes: {
            ApproximateNumberOfMessages: String(visible),
            ApproximateNumberOfMessagesNotVisible: String(inFlight),
            ApproximateNumberOfMessagesDelayed: String(delayed),
            MessageRetentionPeriod: String(queue.settings.retentionSeconds),
          },
        };
      },
    };
  }
  if (command instanceof ChangeMessageVisibilityBatchCommand) {
    const { QueueUrl, Entries = [] } = command.input;
    return {
      label: `hide ${Entries.length} in ${QueueUrl}`,
      apply: () =>
        inEntries(Entries, entryFails, ({ ReceiptHandle = '', VisibilityTimeout = 0 }) => {
          const queue = queueOf(world, QueueUrl);
          if (sqs.inFlight(queue, ReceiptHandle))
            sqs.changeVisibility(queue, ReceiptHandle, VisibilityTimeout);
        }),
    };
  }
  if (command instanceof ChangeMessageVisibilityCommand) {
    const { QueueUrl, ReceiptHandle = '', VisibilityTimeout = 0 } = command.input;
    return {
      label: `hide in ${QueueUrl}`,
      apply: () => {
        try {
          sqs.changeVisibility(queueOf(world, QueueUrl), ReceiptHandle, VisibilityTimeout);
        } catch (error) {
          throw error instanceof AwsError ? sqsError(error.status) : error;
        }
        return {};
      },
    };
  }
  throw new Error('an unknown request to SQS');
}

export function sqsError(status: number): SQSServiceException {
  return new SQSServiceException({
    name: 'ThrottlingException',
    $fault: 'server',
    message: `a simulated ${status}`,
    $metadata: status === 0 ? {} : { httpStatusCode: status },
  });
}

function inEntries<T extends { Id: string | undefined }>(
  entries: readonly T[],
  entryFails: () => boolean,
  run: (entry: T) => unknown,
) {
  const Successful: { Id: string }[] = [];
  const Failed: object[] = [];
  for (const entry of entries) {
    const Id = entry.Id ?? '';
    if (entryFails()) {
      Failed.push({ Id, ...THROTTLED });
    } else {
      run(entry);
      Successful.push({ Id });
    }
  }
  // The SDK omits empty lists.
  return { ...(Successful.length > 0 ? { Successful } : {}), ...(Failed.length > 0 ? { Failed } : {}) };
}

function send(
  world: World,
  url: string | undefined,
  body: string,
  attributes: Record<string, MessageAttributeValue> = {},
  delaySeconds = 0,
): Sent {
  const stored: Record<string, MessageAttribute> = {};
  for (const [name, { DataType = '', StringValue, BinaryValue }] of Object.entries(attributes)) {
    stored[name] = {
      DataType,
      ...(StringValue === undefined ? {} : { StringValue }),
      ...(BinaryValue === undefined ? {} : { BinaryValue: Buffer.from(BinaryValue).toString('base64') }),
    };
  }
  const queue = queueOf(world, url);
  const { id } = world.sqs.send(queue, { body, attributes: stored, delaySeconds });
  return { id, queue: queue.name, body };
}

function queueOf(world: World, url: string | undefined): QueueState {
  return world.sqs.queue(url ?? '');
}
