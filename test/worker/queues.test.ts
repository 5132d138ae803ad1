import {
  SQSClient,
  type ChangeMessageVisibilityRequest,
  type DeleteMessageBatchRequest,
  type SendMessageBatchRequest,
  type SendMessageRequest,
} from '@aws-sdk/client-sqs';
import type { SQSRecord } from 'aws-lambda';
import { beforeEach, describe, expect, it } from 'vitest';
import { Retryable } from '../../src/core/errors.ts';
import type { Config } from '../../src/worker/config.ts';
import { createSendDeadLetter } from '../../src/worker/dead-letters.ts';
import { createForward } from '../../src/worker/forward.ts';
import { createQueues, type Queues } from '../../src/worker/queues.ts';
import type { Telemetry } from '../../src/worker/telemetry.ts';
import { answering } from '../support/answering.ts';
import { recordOf } from '../support/worker.ts';

const CONVERSION = 'https://sqs/conversion';
const RETRY = 'https://sqs/retry';
const DEAD = 'https://sqs/dead';
const config = { conversionQueueUrl: CONVERSION, retryQueueUrl: RETRY, deadLetterQueueUrl: DEAD } as Config;

let queues: Queues;
let requests: { command: string; input: object }[];
/** How SQS handles a batch's entries. */
let take: (request: SendMessageBatchRequest) => { Successful: { Id: string }[] };
let refuse: Error | undefined;

beforeEach(() => {
  requests = [];
  refuse = undefined;
  take = ({ Entries = [] }) => ({ Successful: Entries.map(({ Id = '' }) => ({ Id })) });
  const sqs = new SQSClient({ region: 'us-east-1', credentials: { accessKeyId: 'x', secretAccessKey: 'x' } });
  const note = (command: string, input: object) => {
    requests.push({ command, input });
    if (refuse !== undefined) throw refuse;
  };
  answering(sqs, {
    SendMessageCommand: (input: SendMessageRequest) => note('send', input),
    DeleteMessageBatchCommand: (input: DeleteMessageBatchRequest) => note('delete', input),
    ChangeMessageVisibilityCommand: (input: ChangeMessageVisibilityRequest) => note('hide', input),
    SendMessageBatchCommand(input: SendMessageBatchRequest) {
      note('send batch', input);
      return take(input);
    },
  });
  queues = createQueues(sqs, config);
});

type Attributes = SQSRecord['messageAttributes'];
const carrying = (body: string, messageAttributes: Attributes = {}): SQSRecord => ({
  ...recordOf(body, 'arn:conversion', 2),
  messageAttributes,
});
const binary = (bytes: number[]): Attributes[string] => ({
  dataType: 'Binary',
  binaryValue: Buffer.from(bytes).toString('base64'),
});
const string = (stringValue: string): Attributes[string] => ({ dataType: 'String', stringValue });

describe('a message to a queue', () => {
  it('requests nothing that it does not need', async () => {
    await queues.sendToRetry({ body: 'b' });
    expect(requests).toEqual([{ command: 'send', input: { QueueUrl: RETRY, MessageBody: 'b' } }]);
  });

  it('has its attributes and its delay', async () => {
    const attributes = { a: { DataType: 'String', StringValue: 'x' } };
    await queues.sendToRetry({ body: 'b', attributes, delaySeconds: 0 });
    await queues.sendToDeadLetters({ body: 'd', attributes });
    await queues.sendToConversion({ body: 'c' });
    expect(requests.map(({ input }) => input)).toEqual([
      { QueueUrl: RETRY, MessageBody: 'b', MessageAttributes: attributes, DelaySeconds: 0 },
      { QueueUrl: DEAD, MessageBody: 'd', MessageAttributes: attributes },
      { QueueUrl: CONVERSION, MessageBody: 'c' },
    ]);
  });

  it('hides a record of the retry queue for the given seconds', async () => {
    const record = carrying('b');
    await queues.hideInRetry(record, 7);
    expect(requests).toEqual([
      {
        command: 'hide',
        input: { QueueUrl: RETRY, ReceiptHandle: record.receiptHandle, VisibilityTimeout: 7 },
      },
    ]);
  });

  it.each([
    ['sent', () => queues.sendToRetry({ body: 'b' })],
    ['sent to the dead letters', () => queues.sendToDeadLetters({ body: 'b' })],
    ['hidden', () => queues.hideInRetry(carrying('b'), 1)],
    ['deleted', () => queues.deleteFromConversion([carrying('b')])],
  ])('that cannot be %s is tried again later, with the cause', async (_what, run) => {
    refuse = new Error('SQS is away');
    const error = await run().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(Retryable);
    expect(error).toMatchObject({ code: 'storage.unavailable', cause: refuse });
    expect((error as Error).message).toContain('SQS is away');
  });
});

describe('records that are forwarded to the retry queue', () => {
  it('are sent unchanged, including text and binary attributes', async () => {
    const bytes = [0, 255, 128, 7];
    const record = carrying('body', { text: string('x'), bytes: binary(bytes), empty: string('') });
    const { sent, error } = await queues.forwardToRetry([record]);
    expect([...sent]).toEqual([record.messageId]);
    expect(error).toBeUndefined();
    expect(requests).toEqual([
      {
        command: 'send batch',
        input: {
          QueueUrl: RETRY,
          Entries: [
            {
              Id: '0',
              MessageBody: 'body',
              MessageAttributes: {
                text: { DataType: 'String', StringValue: 'x' },
                bytes: { DataType: 'Binary', BinaryValue: Buffer.from(bytes) },
                empty: { DataType: 'String', StringValue: '' },
              },
            },
          ],
        },
      },
    ]);
  });

  it('may have attributes whose unused value is null, as Lambda writes them', async () => {
    const text = { dataType: 'String', stringValue: 'x', binaryValue: null };
    const bytes = { dataType: 'Binary', stringValue: null, binaryValue: 'AQ==' };
    await queues.forwardToRetry([carrying('b', { text, bytes } as unknown as Attributes)]);
    expect(requests[0]?.input).toMatchObject({
      Entries: [
        {
          MessageAttributes: {
            text: { DataType: 'String', StringValue: 'x' },
            bytes: { DataType: 'Binary', BinaryValue: Buffer.from([1]) },
          },
        },
      ],
    });
    const { Entries = [] } = (requests[0]?.input ?? {}) as Partial<SendMessageBatchRequest>;
    const [{ MessageAttributes = {} } = {}] = Entries;
    expect(Object.keys(MessageAttributes['text'] ?? {})).toEqual(['DataType', 'StringValue']);
    expect(Object.keys(MessageAttributes['bytes'] ?? {})).toEqual(['DataType', 'BinaryValue']);
  });

  it('count as sent only if SQS accepted them', async () => {
    const records = ['a', 'b', 'c'].map((body) => carrying(body));
    take = () => ({ Successful: [{ Id: '0' }, { Id: '2' }] });
    const { sent } = await queues.forwardToRetry(records);
    expect([...sent]).toEqual([records[0]?.messageId, records[2]?.messageId]);
  });

  it('are sent in further requests even if one request fails', async () => {
    const records = Array.from({ length: 12 }, (_, index) => carrying(`${index}`));
    const failure = new Error('too fast');
    take = ({ Entries = [] }) => {
      if (Entries.length === 10) throw failure;
      return { Successful: Entries.map(({ Id = '' }) => ({ Id })) };
    };
    const { sent, error } = await queues.forwardToRetry(records);
    expect([...sent]).toEqual(records.slice(10).map(({ messageId }) => messageId));
    expect(error).toBe(failure);
  });

  it('share a request only if their bodies and attributes fit', async () => {
    const body = 'x'.repeat(100_000);
    await queues.forwardToRetry([
      carrying(body, { a: string('y'.repeat(50_000)) }),
      carrying(body),
      carrying('é'.repeat(50_000)),
    ]);
    expect(requests.map(({ input }) => (input as SendMessageBatchRequest).Entries?.length)).toEqual([2, 1]);
  });
});

describe('forwarding', () => {
  const counted: [string, number | undefined][] = [];
  const warned: unknown[] = [];
  const telemetry = {
    count: (counter: string, by?: number) => void counted.push([counter, by]),
    warn: (message: string, keys: object, error?: unknown) => void warned.push({ message, keys, error }),
  } as unknown as Telemetry;
  beforeEach(() => void (counted.splice(0), warned.splice(0)));
  const forward = (records: SQSRecord[]) => createForward(queues, telemetry)(records);

  it('deletes forwarded messages from the conversion queue, and names the others', async () => {
    const records = ['a', 'b', 'c'].map((body) => carrying(body));
    take = () => ({ Successful: [{ Id: '1' }] });
    expect(await forward(records)).toEqual([records[0]?.messageId, records[2]?.messageId]);
    expect(requests.at(-1)).toEqual({
      command: 'delete',
      input: {
        QueueUrl: CONVERSION,
        Entries: [{ Id: '0', ReceiptHandle: records[1]?.receiptHandle }],
      },
    });
    expect(counted).toEqual([['Forwarded', 1]]);
    expect(warned).toMatchObject([{ keys: { sent: 1, of: 3 } }]);
  });

  it('deletes nothing if nothing was sent, and says why', async () => {
    const failure = new Error('too fast');
    take = () => {
      throw failure;
    };
    const record = carrying('a');
    expect(await forward([record])).toEqual([record.messageId]);
    expect(requests.map(({ command }) => command)).toEqual(['send batch']);
    expect(counted).toEqual([]);
    expect(warned).toMatchObject([{ error: failure }]);
  });

  it('leaves messages that cannot be deleted to be delivered again, as duplicates', async () => {
    const record = carrying('a');
    take = ({ Entries = [] }) => {
      refuse = new Error('SQS is away');
      return { Successful: Entries.map(({ Id = '' }) => ({ Id })) };
    };
    expect(await forward([record])).toEqual([]);
    expect(warned).toHaveLength(1);
  });

  it('sends no requests without records, and logs nothing if all goes well', async () => {
    expect(await forward([])).toEqual([]);
    expect(requests).toEqual([]);
    await forward([carrying('a')]);
    expect(warned).toEqual([]);
  });
});

describe('a dead letter', () => {
  const reason = { code: 'image.corrupt', message: 'cut off\0', attempts: 3 };
  const own = {
    code: { DataType: 'String', StringValue: 'image.corrupt' },
    message: { DataType: 'String', StringValue: 'cut off ' },
    attempts: { DataType: 'Number', StringValue: '3' },
  };
  const send = (record: SQSRecord) => createSendDeadLetter(queues)(record, 'body', reason);
  const sent = () => (requests[0]?.input as SendMessageRequest | undefined)?.MessageAttributes ?? {};

  it("has its reason in addition to its message's attributes", async () => {
    await send(carrying('another body', { origin: string('backfill'), mark: binary([1, 2]) }));
    expect(requests).toEqual([
      {
        command: 'send',
        input: {
          QueueUrl: DEAD,
          MessageBody: 'body',
          MessageAttributes: {
            origin: { DataType: 'String', StringValue: 'backfill' },
            mark: { DataType: 'Binary', BinaryValue: Buffer.from([1, 2]) },
            ...own,
          },
        },
      },
    ]);
  });

  it('has its own reason, not an earlier one', async () => {
    await send(carrying('b', { code: string('retries.exhausted'), attempts: string('5') }));
    expect(sent()).toEqual(own);
  });

  it('has at most ten attributes, including its reason, however many its message had', async () => {
    const many = Object.fromEntries(
      Array.from({ length: 10 }, (_, index) => [`a${index}`, string('x')] as const),
    );
    await send(carrying('b', many));
    expect(Object.keys(sent())).toHaveLength(10);
    expect(sent()).toMatchObject(own);
    requests.length = 0;
    // An attribute with one of the reason's names does not take up another slot.
    const { a0: _a, a1: _b, a2: _c, ...seven } = many;
    await send(carrying('b', { code: string('x'), ...seven }));
    expect(Object.keys(sent())).toHaveLength(10);
  });
});
