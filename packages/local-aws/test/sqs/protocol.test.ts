import { ListQueuesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { localClientConfig } from '../../src/client-config.ts';
import { writeThrottled } from '../../src/sqs/handler.ts';
import { startTestServer } from '../../../../test/support/http-server.ts';
import { errorOf } from '../s3/server.ts';
import { startSqs, type TestSqs } from './server.ts';

let local: TestSqs;
let QueueUrl: string;
beforeAll(async () => {
  local = await startSqs();
  QueueUrl = await local.newQueue();
});
afterAll(() => local.stop());

async function post(body: string, headers: Record<string, string>) {
  const answer = await fetch(local.url, { method: 'POST', body, headers });
  const { __type, message } = (await answer.json()) as { __type: string; message: string };
  return {
    status: answer.status,
    type: __type,
    message,
    queryError: answer.headers.get('x-amzn-query-error'),
    requestId: answer.headers.get('x-amzn-requestid'),
  };
}

const call = (action: string, body: string) =>
  post(body, { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': `AmazonSQS.${action}` });

describe('an invalid request', () => {
  it.each([
    ['text that is not JSON', '{', 'SerializationException'],
    ['an array', '[]', 'InvalidParameterValue'],
    ['no queue', '{"MessageBody":"x"}', 'MissingParameter'],
    ['a number as a queue', '{"QueueUrl":1,"MessageBody":"x"}', 'InvalidParameterValue'],
    ['a number as a body', '{"QueueUrl":"q","MessageBody":1}', 'InvalidParameterValue'],
    ['text as a delay', '{"QueueUrl":"q","MessageBody":"x","DelaySeconds":"1"}', 'InvalidParameterValue'],
    [
      'a fraction as a delay',
      '{"QueueUrl":"q","MessageBody":"x","DelaySeconds":0.5}',
      'InvalidParameterValue',
    ],
    [
      'text as attributes',
      '{"QueueUrl":"q","MessageBody":"x","MessageAttributes":"a"}',
      'InvalidParameterValue',
    ],
    ['a missing queue', '{"QueueUrl":"q","MessageBody":"x"}', 'QueueDoesNotExist'],
  ])('with %s is refused', async (_what, body, code) => {
    expect(await call('SendMessage', body)).toMatchObject({ status: 400, type: `com.amazonaws.sqs#${code}` });
  });

  it('without a required parameter gets an error that names it', async () => {
    const { message } = await call('SendMessageBatch', JSON.stringify({ QueueUrl, Entries: [{ Id: 'a' }] }));
    expect(message).toContain('Entries[0].MessageBody');
  });

  it('also gets the code that older clients expect', async () => {
    expect(await call('GetQueueUrl', '{"QueueName":"nowhere"}')).toMatchObject({
      queryError: 'AWS.SimpleQueueService.NonExistentQueue;Sender',
      requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
  });
});

/** Each action's required parameters, and other places for a parameter. */
const ACTIONS: [action: string, input: Record<string, unknown>][] = [
  ['CreateQueue', { QueueName: 'never' }],
  ['DeleteQueue', {}],
  ['ListQueues', {}],
  ['GetQueueUrl', { QueueName: 'queue-1' }],
  ['GetQueueAttributes', {}],
  ['SetQueueAttributes', { Attributes: { DelaySeconds: '900' } }],
  ['PurgeQueue', {}],
  ['ListDeadLetterSourceQueues', {}],
  ['ListQueueTags', {}],
  ['TagQueue', { Tags: { a: 'b' } }],
  ['UntagQueue', { TagKeys: ['a'] }],
  ['SendMessage', { MessageBody: 'x' }],
  ['SendMessageBatch', { Entries: [{ Id: 'a', MessageBody: 'x' }] }],
  ['ReceiveMessage', {}],
  ['DeleteMessage', { ReceiptHandle: 'x' }],
  ['DeleteMessageBatch', { Entries: [{ Id: 'a', ReceiptHandle: 'x' }] }],
  ['ChangeMessageVisibility', { ReceiptHandle: 'x', VisibilityTimeout: 0 }],
  ['ChangeMessageVisibilityBatch', { Entries: [{ Id: 'a', ReceiptHandle: 'x' }] }],
  ['StartMessageMoveTask', { SourceArn: 'x' }],
  ['ListMessageMoveTasks', { SourceArn: 'x' }],
  ['CancelMessageMoveTask', { TaskHandle: 'x' }],
];
const OF_NO_QUEUE = /^(CreateQueue|ListQueues|GetQueueUrl)$|MoveTasks?$/;

describe('an unsupported parameter', () => {
  const refusal = (parameter: string) => ({
    status: 501,
    type: 'com.amazonaws.sqs#NotImplemented',
    message: `This local SQS does not support the parameter ${parameter}.`,
  });

  it.each(ACTIONS)('is refused by %s without effect', async (action, input) => {
    const before = await local.attributesOf(QueueUrl);
    const whole = { ...input, ...(OF_NO_QUEUE.test(action) ? {} : { QueueUrl }), Colour: 'red' };
    expect(await call(action, JSON.stringify(whole))).toMatchObject(refusal('Colour'));
    expect(await local.attributesOf(QueueUrl)).toEqual(before);
    expect((await local.sqs.send(new ListQueuesCommand({}))).QueueUrls).toEqual([QueueUrl]);
  });

  it.each(['SendMessageBatch', 'DeleteMessageBatch', 'ChangeMessageVisibilityBatch'])(
    'is refused in an entry of %s',
    async (action) => {
      const Entries = [{ Id: 'a', MessageBody: 'x', ReceiptHandle: 'x', Colour: 'red' }];
      const { status, message } = await call(action, JSON.stringify({ QueueUrl, Entries }));
      expect([status, message]).toEqual([501, expect.stringContaining('Entries[0].')]);
    },
  );

  it('is refused in a message attribute', async () => {
    const MessageAttributes = { a: { DataType: 'String', StringValue: 'x', Colour: 'red' } };
    const body = JSON.stringify({ QueueUrl, MessageBody: 'x', MessageAttributes });
    expect(await call('SendMessage', body)).toMatchObject(refusal('MessageAttributes.a.Colour'));
  });
});

describe('an action', () => {
  it('without parameters needs no body, and gets JSON', async () => {
    const headers = { 'x-amz-target': 'AmazonSQS.ListQueues' };
    const answer = await fetch(local.url, { method: 'POST', headers });
    expect(answer.headers.get('content-type')).toBe('application/x-amz-json-1.0');
    expect(await answer.json()).toEqual({ QueueUrls: [QueueUrl] });
  });

  it('that receives nothing returns nothing', async () => {
    const headers = { 'x-amz-target': 'AmazonSQS.ReceiveMessage' };
    const answer = await fetch(local.url, { method: 'POST', headers, body: JSON.stringify({ QueueUrl }) });
    expect(await answer.json()).toEqual({});
  });

  it.each(['AmazonSNS.ListQueues', 'AmazonSQS', 'ListQueues', ''])(
    'with the target %j is refused',
    async (target) => {
      expect(await post('{}', { 'x-amz-target': target })).toMatchObject({
        status: 501,
        type: 'com.amazonaws.sqs#NotImplemented',
      });
    },
  );

  it('that SQS does not have is refused', async () => {
    expect(await call('Fly', '{}')).toMatchObject({
      status: 404,
      type: 'com.amazonaws.sqs#UnknownOperationException',
      message: 'There is no operation Fly.',
    });
  });

  it.each(['AddPermission', 'RemovePermission'])('%s is refused as unsupported', async (action) => {
    expect(await call(action, '{}')).toMatchObject({
      status: 501,
      type: 'com.amazonaws.sqs#NotImplemented',
      queryError: 'NotImplemented;Receiver',
      message: expect.stringContaining(action),
    });
  });

  it('in the Query protocol is refused with a remedy', async () => {
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    expect(await post('Action=ListQueues&Version=2012-11-05', form)).toMatchObject({
      status: 501,
      type: 'com.amazonaws.sqs#NotImplemented',
      message: expect.stringMatching(/JSON protocol only.*Update the client/),
    });
  });
});

it('a throttled request gets an error that clients retry', async () => {
  let requests = 0;
  const server = await startTestServer((_req, res) => {
    requests += 1;
    writeThrottled(res);
  });
  const sqs = new SQSClient({ ...localClientConfig(server.url), maxAttempts: 2 });
  expect(await errorOf(sqs.send(new ListQueuesCommand({})))).toEqual({
    name: 'ServiceUnavailable',
    status: 503,
  });
  expect(requests).toBe(2);
  sqs.destroy();
  await server.stop();
});

it('a request of more than 4 MiB is refused, and the next one is answered', async () => {
  const body = JSON.stringify({ QueueUrl, MessageBody: 'x'.repeat(5 * 1024 * 1024) });
  expect(await call('SendMessage', body)).toMatchObject({
    status: 413,
    type: 'com.amazonaws.sqs#RequestEntityTooLarge',
  });
  expect((await local.sqs.send(new ListQueuesCommand({}))).QueueUrls).toEqual([QueueUrl]);
});
