import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  ChangeMessageVisibilityBatchCommand,
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ListDeadLetterSourceQueuesCommand,
  ListMessageMoveTasksCommand,
  ListQueuesCommand,
  ListQueueTagsCommand,
  PurgeQueueCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
  StartMessageMoveTaskCommand,
  TagQueueCommand,
  UntagQueueCommand,
  type ReceiveMessageCommandInput,
  type SendMessageCommandInput,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/local/clock.ts';
import { noJournal } from '../../../src/local/journal.ts';
import { localClientConfig } from '../../../src/local/resources.ts';
import { createSqsHandler } from '../../../src/local/sqs/handler.ts';
import { createSqsModel } from '../../../src/local/sqs/model.ts';
import { eventually } from '../../support/eventually.ts';
import { errorOf } from '../s3/server.ts';

let server: Server;
let url = '';
let sqs: SQSClient;
const bugs: unknown[] = [];
beforeAll(async () => {
  const accountId = '000000000000';
  const model = createSqsModel({
    clock: systemClock,
    random: Math.random,
    journal: noJournal,
    region: 'us-east-1',
    accountId,
  });
  const handler = createSqsHandler({
    model,
    journal: noJournal,
    baseUrl: () => url,
    accountId,
    onError: (error) => void bugs.push(error),
  });
  server = createServer((req, res) => void handler(req, res));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  sqs = new SQSClient({ ...localClientConfig(url), maxAttempts: 1 });
});
afterAll(() => {
  sqs.destroy();
  server.close();
  server.closeAllConnections();
  expect(bugs).toEqual([]);
});

let count = 0;
async function newQueue(Attributes: Record<string, string> = {}): Promise<string> {
  count += 1;
  return (await sqs.send(new CreateQueueCommand({ QueueName: `queue-${count}`, Attributes }))).QueueUrl ?? '';
}
const send = (QueueUrl: string, MessageBody: string, more: Partial<SendMessageCommandInput> = {}) =>
  sqs.send(new SendMessageCommand({ QueueUrl, MessageBody, ...more }));
const receive = async (
  QueueUrl: string,
  more: Partial<ReceiveMessageCommandInput> = {},
  abortSignal?: AbortSignal,
) => {
  const options = abortSignal === undefined ? {} : { abortSignal };
  return (
    (await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, ...more }), options))
      .Messages ?? []
  );
};
const attributesOf = async (QueueUrl: string) =>
  (await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }))).Attributes ?? {};

describe('a queue', () => {
  it('is made once, found by name and prefix, tagged, and deleted', async () => {
    const create = (Attributes: Record<string, string>) =>
      sqs.send(new CreateQueueCommand({ QueueName: 'named-a', Attributes }));
    const { QueueUrl } = await create({ DelaySeconds: '1' });
    expect((await create({ DelaySeconds: '1' })).QueueUrl).toBe(QueueUrl);
    expect(await errorOf(create({ DelaySeconds: '2' }))).toMatchObject({ name: 'QueueNameExists' });
    await sqs.send(new CreateQueueCommand({ QueueName: 'named-b' }));
    expect((await sqs.send(new GetQueueUrlCommand({ QueueName: 'named-a' }))).QueueUrl).toBe(QueueUrl);
    const page = await sqs.send(new ListQueuesCommand({ QueueNamePrefix: 'named-', MaxResults: 1 }));
    const rest = await sqs.send(
      new ListQueuesCommand({ QueueNamePrefix: 'named-', MaxResults: 1, NextToken: page.NextToken }),
    );
    expect([page.QueueUrls, rest.QueueUrls, rest.NextToken]).toEqual([
      [QueueUrl],
      [`${url}/000000000000/named-b`],
      undefined,
    ]);
    await sqs.send(new TagQueueCommand({ QueueUrl, Tags: { a: '1', b: '2' } }));
    await sqs.send(new UntagQueueCommand({ QueueUrl, TagKeys: ['a'] }));
    expect((await sqs.send(new ListQueueTagsCommand({ QueueUrl }))).Tags).toEqual({ b: '2' });
    await sqs.send(new DeleteQueueCommand({ QueueUrl }));
    expect(await errorOf(send(QueueUrl ?? '', 'x'))).toMatchObject({
      name: 'QueueDoesNotExist',
      status: 400,
    });
  });

  it('shows and changes its attributes, within the ranges of SQS', async () => {
    const QueueUrl = await newQueue();
    await sqs.send(
      new SetQueueAttributesCommand({
        QueueUrl,
        Attributes: { VisibilityTimeout: '77', ReceiveMessageWaitTimeSeconds: '1', Policy: '{}' },
      }),
    );
    await send(QueueUrl, 'visible');
    await send(QueueUrl, 'delayed', { DelaySeconds: 900 });
    await receive(QueueUrl, { MaxNumberOfMessages: 1 });
    await send(QueueUrl, 'visible too');
    expect(await attributesOf(QueueUrl)).toMatchObject({
      VisibilityTimeout: '77',
      MessageRetentionPeriod: '345600',
      Policy: '{}',
      QueueArn: expect.stringMatching(/^arn:aws:sqs:us-east-1:000000000000:queue-\d+$/),
      CreatedTimestamp: expect.stringMatching(/^\d{10}$/),
      ApproximateNumberOfMessages: '1',
      ApproximateNumberOfMessagesNotVisible: '1',
      ApproximateNumberOfMessagesDelayed: '1',
    });
    const some = await sqs.send(
      new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['VisibilityTimeout'] }),
    );
    expect(some.Attributes).toEqual({ VisibilityTimeout: '77' });
    for (const Attributes of [
      { VisibilityTimeout: '43201' },
      { DelaySeconds: '-1' },
      { RedrivePolicy: 'x' },
    ]) {
      expect(await errorOf(sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes })))).toMatchObject({
        name: 'InvalidAttributeValue',
      });
    }
  });

  it.each([
    ['with blanks', {}, 'InvalidParameterValue'],
    ['x'.repeat(81), {}, 'InvalidParameterValue'],
    ['ordered.fifo', { FifoQueue: 'true' }, 'NotImplemented'],
    ['encrypted', { KmsMasterKeyId: 'alias/x' }, 'NotImplemented'],
  ])('%j with %j is refused with %s', async (QueueName, Attributes, name) => {
    expect(
      await errorOf(sqs.send(new CreateQueueCommand({ QueueName, Attributes: { ...Attributes } }))),
    ).toMatchObject({ name });
  });

  it('is purged, at most once a minute', async () => {
    const QueueUrl = await newQueue();
    await send(QueueUrl, 'x');
    await sqs.send(new PurgeQueueCommand({ QueueUrl }));
    expect(await receive(QueueUrl)).toEqual([]);
    expect(await errorOf(sqs.send(new PurgeQueueCommand({ QueueUrl })))).toMatchObject({
      name: 'PurgeQueueInProgress',
    });
  });

  it('knows whose dead letters it takes, and moves them back', async () => {
    const dead = await newQueue();
    const { QueueArn: deadLetterTargetArn = '' } = await attributesOf(dead);
    const source = await newQueue({
      RedrivePolicy: JSON.stringify({ deadLetterTargetArn, maxReceiveCount: 1 }),
      VisibilityTimeout: '0',
    });
    expect((await sqs.send(new ListDeadLetterSourceQueuesCommand({ QueueUrl: dead }))).queueUrls).toEqual([
      source,
    ]);
    await send(source, 'a');
    await receive(source);
    await receive(source);
    const [letter] = await receive(dead, {
      VisibilityTimeout: 0,
      MessageSystemAttributeNames: ['DeadLetterQueueSourceArn'],
    });
    expect(letter?.Attributes).toEqual({ DeadLetterQueueSourceArn: (await attributesOf(source)).QueueArn });
    await sqs.send(new StartMessageMoveTaskCommand({ SourceArn: deadLetterTargetArn }));
    const done = await eventually('the task has ended', async () => {
      const { Results = [] } = await sqs.send(
        new ListMessageMoveTasksCommand({ SourceArn: deadLetterTargetArn }),
      );
      return Results[0]?.Status === 'COMPLETED' && Results[0];
    });
    expect(done).toMatchObject({ ApproximateNumberOfMessagesMoved: 1, ApproximateNumberOfMessagesToMove: 1 });
    expect((await receive(source)).map(({ Body }) => Body)).toEqual(['a']);
  });
});

describe('a message', () => {
  it('comes back whole, with digests as AWS computes them', async () => {
    const QueueUrl = await newQueue();
    const attributes = {
      text: { DataType: 'String.json', StringValue: '{"é":1}' },
      bytes: { DataType: 'Binary', BinaryValue: randomBytes(20) },
      number: { DataType: 'Number', StringValue: '-1.5' },
    };
    const sent = await send(QueueUrl, 'body 🏞️', {
      MessageAttributes: attributes,
      MessageSystemAttributes: { AWSTraceHeader: { DataType: 'String', StringValue: 'Root=1' } },
    });
    const hash = createHash('md5');
    for (const [name, { DataType, ...value }] of Object.entries(attributes).toSorted(([a], [b]) =>
      a < b ? -1 : 1,
    )) {
      const bytes = 'BinaryValue' in value ? value.BinaryValue : Buffer.from(value.StringValue);
      for (const part of [Buffer.from(name), Buffer.from(DataType)]) hash.update(lengthOf(part)).update(part);
      hash
        .update(Buffer.of('BinaryValue' in value ? 2 : 1))
        .update(lengthOf(bytes))
        .update(bytes);
    }
    expect(sent.MD5OfMessageAttributes).toBe(hash.digest('hex'));
    expect(sent.MD5OfMessageBody).toBe(createHash('md5').update('body 🏞️').digest('hex'));
    const [message] = await receive(QueueUrl, {
      MessageAttributeNames: ['All'],
      MessageSystemAttributeNames: ['All'],
    });
    expect(message).toMatchObject({
      MessageId: sent.MessageId,
      Body: 'body 🏞️',
      MD5OfBody: sent.MD5OfMessageBody,
      MD5OfMessageAttributes: sent.MD5OfMessageAttributes,
    });
    expect(message?.MessageAttributes).toEqual({
      ...attributes,
      bytes: { DataType: 'Binary', BinaryValue: new Uint8Array(attributes.bytes.BinaryValue) },
    });
    expect(message?.Attributes).toMatchObject({
      ApproximateReceiveCount: '1',
      SentTimestamp: expect.stringMatching(/^\d{13}$/),
      AWSTraceHeader: 'Root=1',
    });
  });

  it('shows the attributes that were asked for', async () => {
    const QueueUrl = await newQueue({ VisibilityTimeout: '0' });
    const value = { DataType: 'String', StringValue: 'x' };
    await send(QueueUrl, 'x', { MessageAttributes: { 'a.b': value, 'a.c': value, d: value } });
    const names = async (MessageAttributeNames: string[]) =>
      Object.keys((await receive(QueueUrl, { MessageAttributeNames }))[0]?.MessageAttributes ?? {});
    expect(await names([])).toEqual([]);
    expect(await names(['a.*'])).toEqual(['a.b', 'a.c']);
    expect(await names(['d', 'e'])).toEqual(['d']);
    const [message] = await receive(QueueUrl, { MessageSystemAttributeNames: ['ApproximateReceiveCount'] });
    expect(message?.Attributes).toEqual({ ApproximateReceiveCount: '4' });
  });

  it.each([
    ['more than 1 MiB', { MessageBody: 'x'.repeat(1_048_577) }, 'InvalidParameterValue'],
    ['characters that are no text', { MessageBody: 'a\u0000b' }, 'InvalidMessageContents'],
    ['no body', { MessageBody: '' }, 'MissingParameter'],
    [
      'an empty attribute',
      { MessageAttributes: { a: { DataType: 'String', StringValue: '' } } },
      'InvalidParameterValue',
    ],
    [
      'a number that is none',
      { MessageAttributes: { a: { DataType: 'Number', StringValue: 'x' } } },
      'InvalidParameterValue',
    ],
    ['a delay beyond 15 minutes', { DelaySeconds: 901 }, 'InvalidParameterValue'],
  ])('with %s is refused', async (_what, more, name) => {
    expect(await errorOf(send(await newQueue(), 'x', more))).toMatchObject({ name, status: 400 });
  });

  it('of a batch is told of one by one', async () => {
    const QueueUrl = await newQueue();
    const answer = await sqs.send(
      new SendMessageBatchCommand({
        QueueUrl,
        Entries: [
          { Id: 'good', MessageBody: 'a' },
          { Id: 'bad', MessageBody: 'a\u0000' },
          { Id: 'late', MessageBody: 'c', DelaySeconds: 900 },
        ],
      }),
    );
    expect(answer.Successful?.map(({ Id }) => Id)).toEqual(['good', 'late']);
    expect(answer.Failed).toMatchObject([{ Id: 'bad', Code: 'InvalidMessageContents', SenderFault: true }]);
    const [message] = await receive(QueueUrl);
    const ReceiptHandle = message?.ReceiptHandle;
    const change = await sqs.send(
      new ChangeMessageVisibilityBatchCommand({
        QueueUrl,
        Entries: [
          { Id: 'a', ReceiptHandle, VisibilityTimeout: 5 },
          { Id: 'b', ReceiptHandle: 'nonsense', VisibilityTimeout: 5 },
        ],
      }),
    );
    expect([change.Successful, change.Failed]).toMatchObject([
      [{ Id: 'a' }],
      [{ Id: 'b', Code: 'ReceiptHandleIsInvalid' }],
    ]);
    const deleted = await sqs.send(
      new DeleteMessageBatchCommand({
        QueueUrl,
        Entries: [
          { Id: 'a', ReceiptHandle },
          { Id: 'b', ReceiptHandle: 'nonsense' },
        ],
      }),
    );
    expect([deleted.Successful, deleted.Failed]).toMatchObject([[{ Id: 'a' }], [{ Id: 'b' }]]);
    expect(
      await errorOf(sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: 'nonsense' }))),
    ).toMatchObject({ name: 'ReceiptHandleIsInvalid' });
  });

  it.each([
    ['no entry', [], 'EmptyBatchRequest'],
    [
      'eleven entries',
      Array.from({ length: 11 }, (_, index) => ({ Id: String(index), MessageBody: 'x' })),
      'TooManyEntriesInBatchRequest',
    ],
    [
      'an id twice',
      [
        { Id: 'a', MessageBody: 'x' },
        { Id: 'a', MessageBody: 'y' },
      ],
      'BatchEntryIdsNotDistinct',
    ],
    ['an id with blanks', [{ Id: 'a b', MessageBody: 'x' }], 'InvalidBatchEntryId'],
    [
      'too many bytes together',
      [
        { Id: 'a', MessageBody: 'x'.repeat(600_000) },
        { Id: 'b', MessageBody: 'x'.repeat(600_000) },
      ],
      'BatchRequestTooLong',
    ],
  ])('batch with %s is refused', async (_what, Entries, name) => {
    expect(
      await errorOf(sqs.send(new SendMessageBatchCommand({ QueueUrl: await newQueue(), Entries }))),
    ).toMatchObject({ name });
  });
});

describe('a long poll', () => {
  it('ends with the message that comes, or empty', async () => {
    const QueueUrl = await newQueue();
    const polling = receive(QueueUrl, { WaitTimeSeconds: 20 });
    await send(QueueUrl, 'awaited');
    expect((await polling).map(({ Body }) => Body)).toEqual(['awaited']);
    expect(await receive(QueueUrl, { WaitTimeSeconds: 1 })).toEqual([]);
  });

  it('that is given up swallows no message', async () => {
    const QueueUrl = await newQueue();
    for (let round = 0; round < 20; round += 1) {
      const leaving = new AbortController();
      const polling = receive(QueueUrl, { WaitTimeSeconds: 20 }, leaving.signal).catch(() => 'aborted');
      // Sometimes before the server knows of the poll, sometimes after.
      if (round % 2 === 0) await attributesOf(QueueUrl);
      leaving.abort();
      expect(await polling).toBe('aborted');
      await send(QueueUrl, `message ${round}`);
      const [message] = await eventually('it is received by another', async () => {
        const messages = await receive(QueueUrl);
        return messages.length > 0 && messages;
      });
      expect(message?.Body).toBe(`message ${round}`);
    }
  });
});

describe('a request that is none', () => {
  const post = async (headers: Record<string, string>, body: string) => {
    const answer = await fetch(url, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/x-amz-json-1.0', ...headers },
    });
    return [answer.status, ((await answer.json()) as { __type: string }).__type.split('#')[1]];
  };

  it('is answered with what is wrong', async () => {
    expect(await post({ 'x-amz-target': 'AmazonSQS.SendMessage' }, '{')).toEqual([
      400,
      'SerializationException',
    ]);
    expect(await post({ 'x-amz-target': 'AmazonSQS.SendMessage' }, '[]')).toEqual([
      400,
      'InvalidParameterValue',
    ]);
    expect(await post({ 'x-amz-target': 'AmazonSQS.SendMessage' }, '{"QueueUrl":1}')).toEqual([
      400,
      'InvalidParameterValue',
    ]);
    expect(await post({ 'x-amz-target': 'AmazonSQS.SendMessage' }, '{}')).toEqual([400, 'MissingParameter']);
    expect(await post({ 'x-amz-target': 'AmazonSQS.Fly' }, '{}')).toEqual([404, 'UnknownOperationException']);
    expect(await post({ 'x-amz-target': 'AmazonSQS.AddPermission' }, '{}')).toEqual([501, 'NotImplemented']);
    expect(await post({ 'content-type': 'application/x-www-form-urlencoded' }, 'Action=ListQueues')).toEqual([
      501,
      'NotImplemented',
    ]);
  });
});

function lengthOf(bytes: Uint8Array): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.byteLength);
  return length;
}
