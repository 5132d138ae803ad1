import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  SendMessageBatchCommand,
  type SendMessageBatchRequestEntry,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { errorOf } from '../s3/server.ts';
import { startSqs, type TestSqs } from './server.ts';

let local: TestSqs;
beforeAll(async () => {
  local = await startSqs();
});
afterAll(() => local.stop());

const sendBatch = (QueueUrl: string, Entries: SendMessageBatchRequestEntry[]) =>
  local.sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
const ids = (answers: { Id?: string | undefined }[] = []) => answers.map(({ Id }) => Id);

describe('a batch', () => {
  it('of messages to send reports each message', async () => {
    const QueueUrl = await local.newQueue({ MaximumMessageSize: '1024' });
    const answer = await sendBatch(QueueUrl, [
      { Id: 'good', MessageBody: 'a' },
      { Id: 'bad', MessageBody: 'a\u0000' },
      { Id: 'large', MessageBody: 'x'.repeat(1025) },
      { Id: 'late', MessageBody: 'c', DelaySeconds: 900 },
    ]);
    expect(ids(answer.Successful)).toEqual(['good', 'late']);
    expect(answer.Failed).toMatchObject([
      { Id: 'bad', Code: 'InvalidMessageContents', SenderFault: true },
      { Id: 'large', Code: 'InvalidParameterValue', SenderFault: true },
    ]);
    const messages = await local.receive(QueueUrl);
    expect(messages.map(({ MessageId, Body }) => [MessageId, Body])).toEqual([
      [answer.Successful?.[0]?.MessageId, 'a'],
    ]);
    expect(await local.attributesOf(QueueUrl)).toMatchObject({ ApproximateNumberOfMessagesDelayed: '1' });
  });

  it('of messages to send may contain many groups, and names an invalid one', async () => {
    const QueueUrl = await local.newQueue();
    const answer = await sendBatch(QueueUrl, [
      { ...entry('a'), MessageGroupId: 'one' },
      { ...entry('b'), MessageGroupId: 'two' },
      { ...entry('c'), MessageGroupId: 'no group' },
      { ...entry('d'), MessageGroupId: 'one', MessageDeduplicationId: 'd' },
    ]);
    expect(ids(answer.Successful)).toEqual(['a', 'b']);
    expect(answer.Failed).toMatchObject([
      { Id: 'c', Code: 'InvalidParameterValue', SenderFault: true },
      { Id: 'd', Code: 'InvalidParameterValue', SenderFault: true },
    ]);
    const messages = await local.receive(QueueUrl, { MessageSystemAttributeNames: ['All'] });
    expect(messages.map(({ Attributes }) => Attributes?.MessageGroupId)).toEqual(['one', 'two']);
  });

  it('of at most ten messages can be received in one request', async () => {
    const QueueUrl = await local.newQueue();
    await sendBatch(QueueUrl, tenEntries());
    await local.send(QueueUrl, 'the eleventh');
    for (const MaxNumberOfMessages of [0, 11])
      expect(await errorOf(local.receive(QueueUrl, { MaxNumberOfMessages }))).toMatchObject({
        name: 'InvalidParameterValue',
      });
    const messages = await local.receive(QueueUrl);
    expect(messages.map(({ Body }) => Body)).toEqual(tenEntries().map(({ MessageBody }) => MessageBody));
    expect(await local.receive(QueueUrl)).toHaveLength(1);
  });

  it('of visibility timeout changes reports each message', async () => {
    const QueueUrl = await local.newQueue();
    await sendBatch(QueueUrl, tenEntries().slice(0, 2));
    const [a, b] = await local.receive(QueueUrl);
    const answer = await local.sqs.send(
      new ChangeMessageVisibilityBatchCommand({
        QueueUrl,
        Entries: [
          { Id: 'a', ReceiptHandle: a?.ReceiptHandle, VisibilityTimeout: 0 },
          { Id: 'b', ReceiptHandle: b?.ReceiptHandle, VisibilityTimeout: 60 },
          { Id: 'c', ReceiptHandle: 'nonsense', VisibilityTimeout: 0 },
        ],
      }),
    );
    expect(ids(answer.Successful)).toEqual(['a', 'b']);
    expect(answer.Failed).toMatchObject([{ Id: 'c', Code: 'ReceiptHandleIsInvalid', SenderFault: true }]);
    expect((await local.receive(QueueUrl)).map(({ MessageId }) => MessageId)).toEqual([a?.MessageId]);
  });

  it('of deletions reports each message', async () => {
    const QueueUrl = await local.newQueue();
    await sendBatch(QueueUrl, tenEntries().slice(0, 2));
    const [a] = await local.receive(QueueUrl);
    const answer = await local.sqs.send(
      new DeleteMessageBatchCommand({
        QueueUrl,
        Entries: [
          { Id: 'a', ReceiptHandle: a?.ReceiptHandle },
          { Id: 'b', ReceiptHandle: 'nonsense' },
        ],
      }),
    );
    expect(ids(answer.Successful)).toEqual(['a']);
    expect(answer.Failed).toMatchObject([{ Id: 'b', Code: 'ReceiptHandleIsInvalid' }]);
    expect(await local.attributesOf(QueueUrl)).toMatchObject({ ApproximateNumberOfMessagesNotVisible: '1' });
  });

  it('may have 1 MiB in total', async () => {
    const QueueUrl = await local.newQueue();
    const half = 'x'.repeat(524_288);
    const { Successful } = await sendBatch(QueueUrl, [entry('a', half), entry('b', half)]);
    expect(ids(Successful)).toEqual(['a', 'b']);
  });

  it.each([
    ['no entries', [], 'EmptyBatchRequest'],
    ['eleven entries', [...tenEntries(), entry('11')], 'TooManyEntriesInBatchRequest'],
    ['a duplicate id', [entry('a'), entry('a')], 'BatchEntryIdsNotDistinct'],
    ['an id with spaces', [entry('a'), entry('a b')], 'InvalidBatchEntryId'],
    ['an id of 81 characters', [entry('x'.repeat(81))], 'InvalidBatchEntryId'],
    [
      'more than 1 MiB in total',
      [entry('a', 'x'.repeat(524_288)), entry('b', 'x'.repeat(524_289))],
      'BatchRequestTooLong',
    ],
  ])('with %s is refused, and none of it is sent', async (_what, entries, name) => {
    const QueueUrl = await local.newQueue();
    expect(await errorOf(sendBatch(QueueUrl, entries))).toEqual({ name, status: 400 });
    expect(await local.receive(QueueUrl)).toEqual([]);
  });
});

function entry(Id: string, MessageBody = `body ${Id}`): SendMessageBatchRequestEntry {
  return { Id, MessageBody };
}

function tenEntries(): SendMessageBatchRequestEntry[] {
  return Array.from({ length: 10 }, (_, index) => entry(String(index)));
}
