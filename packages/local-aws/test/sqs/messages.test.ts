import { createHash, randomBytes } from 'node:crypto';
import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  SendMessageCommand,
  type MessageAttributeValue,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { errorOf } from '../s3/server.ts';
import { startSqs, type TestSqs } from './server.ts';

let local: TestSqs;
beforeAll(async () => {
  local = await startSqs();
});
afterAll(() => local.stop());

/** Returns SQS's digest of attributes, as documented: each part preceded by its length, ordered by name. */
function md5OfAttributes(attributes: Record<string, MessageAttributeValue>): string {
  const part = (bytes: Uint8Array) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.byteLength);
    return Buffer.concat([length, bytes]);
  };
  const parts = Object.entries(attributes)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([name, { DataType = '', StringValue, BinaryValue }]) => [
      part(Buffer.from(name)),
      part(Buffer.from(DataType)),
      Buffer.of(BinaryValue === undefined ? 1 : 2),
      part(BinaryValue ?? Buffer.from(StringValue ?? '')),
    ]);
  return createHash('md5').update(Buffer.concat(parts)).digest('hex');
}

describe('a message', () => {
  it('is returned complete, with the digests that AWS computes', async () => {
    const QueueUrl = await local.newQueue();
    const attributes = {
      text: { DataType: 'String.json', StringValue: '{"é":1}' },
      bytes: { DataType: 'Binary', BinaryValue: new Uint8Array(randomBytes(20)) },
      number: { DataType: 'Number', StringValue: '-1.5' },
      Number: { DataType: 'Number.int', StringValue: '7' },
    };
    const sent = await local.sqs.send(
      new SendMessageCommand({
        QueueUrl,
        MessageBody: 'body 🏞️\r\n\t',
        MessageAttributes: attributes,
        MessageSystemAttributes: { AWSTraceHeader: { DataType: 'String', StringValue: 'Root=1' } },
      }),
    );
    expect(sent.MD5OfMessageAttributes).toBe(md5OfAttributes(attributes));
    expect(sent.MD5OfMessageBody).toBe(createHash('md5').update('body 🏞️\r\n\t').digest('hex'));
    const [message] = await local.receive(QueueUrl, {
      MessageAttributeNames: ['All'],
      MessageSystemAttributeNames: ['All'],
    });
    expect(message).toMatchObject({
      MessageId: sent.MessageId,
      Body: 'body 🏞️\r\n\t',
      MD5OfBody: sent.MD5OfMessageBody,
      MD5OfMessageAttributes: sent.MD5OfMessageAttributes,
    });
    expect(message?.MessageAttributes).toEqual(attributes);
    expect(message?.Attributes).toMatchObject({ ApproximateReceiveCount: '1', AWSTraceHeader: 'Root=1' });
  });

  it('reports how often and when it was first received', async () => {
    const QueueUrl = await local.newQueue({ VisibilityTimeout: '0' });
    await local.send(QueueUrl, 'x');
    const receive = async () => {
      const [message] = await local.receive(QueueUrl, { MessageSystemAttributeNames: ['All'] });
      return message?.Attributes ?? {};
    };
    const first = await receive();
    const { SentTimestamp, ApproximateFirstReceiveTimestamp } = first;
    expect(first).toMatchObject({ ApproximateReceiveCount: '1' });
    expect(Number(ApproximateFirstReceiveTimestamp)).toBeGreaterThanOrEqual(Number(SentTimestamp));
    expect(await receive()).toEqual({ ...first, ApproximateReceiveCount: '2' });
  });

  it('returns the requested attributes, with their digest', async () => {
    const QueueUrl = await local.newQueue({ VisibilityTimeout: '0' });
    const value = { DataType: 'String', StringValue: 'x' };
    await local.send(QueueUrl, 'x', {
      MessageAttributes: { 'a.b': value, 'a.c': value, ab: value, d: value },
    });
    const shown = async (MessageAttributeNames: string[]) => {
      const [message] = await local.receive(QueueUrl, { MessageAttributeNames });
      return [Object.keys(message?.MessageAttributes ?? {}).toSorted(), message?.MD5OfMessageAttributes];
    };
    expect(await shown([])).toEqual([[], undefined]);
    expect(await shown(['a.*'])).toEqual([['a.b', 'a.c'], md5OfAttributes({ 'a.b': value, 'a.c': value })]);
    expect(await shown(['d', 'e'])).toEqual([['d'], md5OfAttributes({ d: value })]);
    const [message] = await local.receive(QueueUrl, {
      MessageSystemAttributeNames: ['ApproximateReceiveCount'],
    });
    expect(message?.Attributes).toEqual({ ApproximateReceiveCount: '4' });
    expect(message).not.toHaveProperty('MessageAttributes');
  });

  it('keeps its message group', async () => {
    const QueueUrl = await local.newQueue();
    const MessageGroupId = `tenant-1/${'~'.repeat(119)}`;
    await local.send(QueueUrl, 'x', { MessageGroupId });
    await local.send(QueueUrl, 'y');
    const [of, without] = await local.receive(QueueUrl, { MessageSystemAttributeNames: ['MessageGroupId'] });
    expect([of?.Attributes, without?.Attributes]).toEqual([{ MessageGroupId }, undefined]);
  });

  it('is not received with parameters that only FIFO queues support', async () => {
    const QueueUrl = await local.newQueue();
    await local.send(QueueUrl, 'x');
    expect(await errorOf(local.receive(QueueUrl, { ReceiveRequestAttemptId: 'a' }))).toEqual({
      name: 'InvalidParameterValue',
      status: 400,
    });
    expect(await local.receive(QueueUrl)).toHaveLength(1);
  });

  it('may be as large as the queue allows, including attributes', async () => {
    const QueueUrl = await local.newQueue({ MaximumMessageSize: '1024' });
    const MessageAttributes = { name: { DataType: 'String', StringValue: 'value' } };
    const left = 1024 - 'nameStringvalue'.length;
    await local.send(QueueUrl, 'x'.repeat(left), { MessageAttributes });
    for (const body of ['x'.repeat(left + 1), `é${'x'.repeat(left - 1)}`])
      expect(await errorOf(local.send(QueueUrl, body, { MessageAttributes }))).toEqual({
        name: 'InvalidParameterValue',
        status: 400,
      });
    expect(await local.receive(QueueUrl)).toHaveLength(1);
  });

  it('counts the bytes of its binary attributes towards its size, not their encoding', async () => {
    const QueueUrl = await local.newQueue({ MaximumMessageSize: '1024' });
    const send = (bytes: number) =>
      local.send(QueueUrl, 'x', {
        MessageAttributes: { a: { DataType: 'Binary', BinaryValue: new Uint8Array(bytes) } },
      });
    const most = 1024 - 'xaBinary'.length;
    await send(most);
    expect(await errorOf(send(most + 1))).toEqual({ name: 'InvalidParameterValue', status: 400 });
  });

  it.each([
    ['more than 1 MiB', { MessageBody: 'x'.repeat(1_048_577) }, 'InvalidParameterValue'],
    ['a control character', { MessageBody: 'a\u0000b' }, 'InvalidMessageContents'],
    ['a character that is invalid in XML', { MessageBody: 'a\uffff' }, 'InvalidMessageContents'],
    ['half a surrogate pair', { MessageBody: 'a\ud83c' }, 'InvalidMessageContents'],
    ['no body', { MessageBody: '' }, 'MissingParameter'],
    ['an empty attribute', { MessageAttributes: attribute('String', '') }, 'InvalidParameterValue'],
    ['an invalid number', { MessageAttributes: attribute('Number', 'x') }, 'InvalidParameterValue'],
    ['an attribute without a type', { MessageAttributes: attribute('Colour', 'x') }, 'InvalidParameterValue'],
    [
      'an attribute with a reserved name',
      { MessageAttributes: attribute('String', 'x', 'AWS.a') },
      'InvalidParameterValue',
    ],
    ['eleven attributes', { MessageAttributes: elevenAttributes() }, 'InvalidParameterValue'],
    ['a delay beyond 15 minutes', { DelaySeconds: 901 }, 'InvalidParameterValue'],
    ['a group with an empty name', { MessageGroupId: '' }, 'InvalidParameterValue'],
    ['a group with spaces', { MessageGroupId: 'a b' }, 'InvalidParameterValue'],
    ['a group of 129 characters', { MessageGroupId: 'x'.repeat(129) }, 'InvalidParameterValue'],
    ['a parameter for FIFO queues', { MessageDeduplicationId: 'a' }, 'InvalidParameterValue'],
    [
      'a list as an attribute',
      { MessageAttributes: { a: { DataType: 'String', StringValue: 'x', StringListValues: ['y'] } } },
      'InvalidParameterValue',
    ],
  ])('with %s is refused', async (_what, more, name) => {
    const QueueUrl = await local.newQueue();
    expect(await errorOf(local.send(QueueUrl, 'x', more))).toEqual({ name, status: 400 });
    expect(await local.receive(QueueUrl)).toEqual([]);
  });

  it('may contain every character of XML, and no other', async () => {
    const QueueUrl = await local.newQueue();
    const body = '\t\n\r\u0020\u007f\ud7ff\ue000\ufffd\u{10000}\u{10ffff}';
    await local.send(QueueUrl, body);
    expect((await local.receive(QueueUrl))[0]?.Body).toBe(body);
    for (const character of ['\u0001', '\u0008', '\u000b', '\u000c', '\u000e', '\u001f', '\ufffe', '\udc00'])
      expect(await errorOf(local.send(QueueUrl, character))).toMatchObject({
        name: 'InvalidMessageContents',
      });
  });

  it('may have ten attributes, with names and types of any allowed form', async () => {
    const QueueUrl = await local.newQueue();
    const names = ['a.b', 'a-b', 'a_b', 'Aws', 'amazon', '0', 'x'.repeat(256)];
    const MessageAttributes = {
      ...Object.fromEntries(names.map((name) => [name, { DataType: 'String', StringValue: 'x' }])),
      number: { DataType: 'Number.float', StringValue: '1e3' },
      custom: { DataType: 'String.a.b', StringValue: 'not a number' },
      bytes: { DataType: 'Binary.gif', BinaryValue: Uint8Array.of(0, 255) },
    };
    await local.send(QueueUrl, 'x', { MessageAttributes });
    const [message] = await local.receive(QueueUrl, { MessageAttributeNames: ['.*'] });
    expect(message?.MessageAttributes).toEqual(MessageAttributes);
  });

  it.each([
    ['', 'String'],
    ['a b', 'String'],
    ['x'.repeat(257), 'String'],
    ['amazon.a', 'String'],
    ['Aws.a', 'String'],
    ['a', 'Strings'],
    ['a', 'aString'],
    ['a', 'String.'],
    ['a', 'Number.custom'],
    ['a', 'Binary'],
  ])('cannot have an attribute %j of the type %s with text', async (name, type) => {
    const QueueUrl = await local.newQueue();
    const sending = local.send(QueueUrl, 'x', { MessageAttributes: attribute(type, 'text', name) });
    expect(await errorOf(sending)).toEqual({ name: 'InvalidParameterValue', status: 400 });
  });

  it('is changed and deleted only with its receipt handle', async () => {
    const QueueUrl = await local.newQueue();
    await local.send(QueueUrl, 'x');
    const [message] = await local.receive(QueueUrl);
    const change = (ReceiptHandle: string, VisibilityTimeout: number) =>
      local.sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout }));
    const remove = (ReceiptHandle: string) =>
      local.sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
    expect(await errorOf(change('nonsense', 0))).toMatchObject({ name: 'ReceiptHandleIsInvalid' });
    expect(await errorOf(remove('nonsense'))).toMatchObject({ name: 'ReceiptHandleIsInvalid' });
    expect(await errorOf(change(message?.ReceiptHandle ?? '', 43_201))).toMatchObject({
      name: 'InvalidParameterValue',
    });
    await change(message?.ReceiptHandle ?? '', 0);
    expect(await errorOf(change(message?.ReceiptHandle ?? '', 5))).toMatchObject({
      name: 'MessageNotInflight',
    });
    const [again] = await local.receive(QueueUrl);
    expect(again?.MessageId).toBe(message?.MessageId);
    await remove(message?.ReceiptHandle ?? '');
    expect(await local.attributesOf(QueueUrl)).toMatchObject({ ApproximateNumberOfMessagesNotVisible: '1' });
    await remove(again?.ReceiptHandle ?? '');
    await remove(again?.ReceiptHandle ?? '');
    expect(await local.attributesOf(QueueUrl)).toMatchObject({ ApproximateNumberOfMessagesNotVisible: '0' });
  });
});

function attribute(DataType: string, StringValue: string, name = 'a') {
  return { [name]: { DataType, StringValue } };
}

function elevenAttributes() {
  return Object.fromEntries(
    Array.from({ length: 11 }, (_, index) => [`a${index}`, { DataType: 'String', StringValue: 'x' }]),
  );
}
