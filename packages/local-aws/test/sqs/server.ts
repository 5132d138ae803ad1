import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
  type Message,
  type ReceiveMessageCommandInput,
  type SendMessageCommandInput,
} from '@aws-sdk/client-sqs';
import { createClock } from '../../src/clock.ts';
import { noJournal, type Journal } from '../../src/journal.ts';
import { localClientConfig } from '../../src/client-config.ts';
import { createSqsHandler } from '../../src/sqs/handler.ts';
import { createSqsModel } from '../../src/sqs/model.ts';
import { startTestServer } from '../../../../test/support/http-server.ts';

export interface TestSqs {
  url: string;
  sqs: SQSClient;
  /** Creates a queue with a unique name. Returns its URL. */
  newQueue(Attributes?: Record<string, string>): Promise<string>;
  send(QueueUrl: string, MessageBody: string, more?: Partial<SendMessageCommandInput>): Promise<string>;
  /** By default, at most ten messages. */
  receive(
    QueueUrl: string,
    more?: Partial<ReceiveMessageCommandInput>,
    abortSignal?: AbortSignal,
  ): Promise<Message[]>;
  attributesOf(QueueUrl: string): Promise<Record<string, string>>;
  /** Throws if the server had an internal error. */
  stop(): Promise<void>;
}

const accountId = '000000000000';

export const arnOf = (queueUrl: string) => `arn:aws:sqs:us-east-1:${accountId}:${queueUrl.split('/').at(-1)}`;

/** Starts only a local SQS, with the system's clock. Tests that depend on time use the model. */
export async function startSqs(journal: Journal = noJournal): Promise<TestSqs> {
  const model = createSqsModel({
    clock: createClock(),
    random: Math.random,
    journal,
    region: 'us-east-1',
    accountId,
  });
  const bugs: unknown[] = [];
  const handler = createSqsHandler({
    model,
    journal,
    baseUrl: () => url,
    accountId,
    onError: (error) => void bugs.push(error),
  });
  const server = await startTestServer((req, res) => void handler(req, res));
  const { url } = server;
  const sqs = new SQSClient({ ...localClientConfig(url), maxAttempts: 1 });
  let count = 0;
  return {
    url,
    sqs,
    async newQueue(Attributes = {}) {
      count += 1;
      const { QueueUrl = '' } = await sqs.send(
        new CreateQueueCommand({ QueueName: `queue-${count}`, Attributes }),
      );
      return QueueUrl;
    },
    async send(QueueUrl, MessageBody, more) {
      const { MessageId = '' } = await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody, ...more }));
      return MessageId;
    },
    async receive(QueueUrl, more, abortSignal) {
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, ...more }),
        abortSignal === undefined ? {} : { abortSignal },
      );
      return Messages;
    },
    async attributesOf(QueueUrl) {
      const { Attributes = {} } = await sqs.send(
        new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }),
      );
      return Attributes;
    },
    async stop() {
      sqs.destroy();
      await server.stop();
      if (bugs.length > 0) throw new AggregateError(bugs, 'the local SQS had bugs');
    },
  };
}
