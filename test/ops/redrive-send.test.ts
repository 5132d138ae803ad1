import { ReceiveMessageCommand, type Message, type SendMessageBatchRequest } from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OpsContext } from '../../src/ops/context.ts';
import { sendToRetry, type RetryMessage } from '../../src/ops/redrive/send.ts';
import { recording } from '../support/failing.ts';
import { letterOf, opsOf } from '../support/ops.ts';
import { startBench, type Bench } from '../support/worker.ts';

let bench: Bench;
let ops: OpsContext;
beforeEach(async () => {
  bench = await startBench();
  ops = opsOf(bench);
});
afterEach(() => bench.stop());

const text = (StringValue: string) => ({ DataType: 'String', StringValue });

/** Attributes that this project did not add. */
const foreign = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`own${index}`, text('x')]));

const messageOf = (id: string, attributes: RetryMessage['attributes']): RetryMessage => ({
  id,
  body: letterOf(`${id}.jpg`, 'process.died').MessageBody,
  attributes,
});

/** The worker's attributes. */
const { MessageAttributes: WORKERS } = letterOf('', 'process.died');

async function sent(): Promise<Message[]> {
  const { Messages = [] } = await ops.sqs.send(
    new ReceiveMessageCommand({
      QueueUrl: ops.deployment.retryQueueUrl,
      MaxNumberOfMessages: 10,
      MessageAttributeNames: ['All'],
    }),
  );
  return Messages;
}

/** Sends a message with these attributes, and returns those with which it arrives. */
async function attributesAfter(attributes: RetryMessage['attributes']) {
  const newIds = await sendToRetry(ops, [messageOf('a', attributes)], 'this-redrive');
  const [message] = await sent();
  expect(newIds).toEqual(new Map([['a', message?.MessageId]]));
  return Object.fromEntries(
    Object.entries(message?.MessageAttributes ?? {}).map(([name, { StringValue }]) => [name, StringValue]),
  );
}

describe('a dead letter that is sent again', () => {
  it('keeps all its attributes while there is room for the mark of the redrive', async () => {
    expect(await attributesAfter({ ...WORKERS, ...foreign(6) })).toMatchObject({
      code: 'process.died',
      attempts: '1',
      own5: 'x',
      redrive: 'this-redrive',
    });
  });

  it('loses the number of attempts if there is no room for the mark', async () => {
    const arrived = await attributesAfter({ ...WORKERS, ...foreign(7) });
    expect(Object.keys(arrived)).toHaveLength(10);
    expect(arrived).toMatchObject({ code: 'process.died', own6: 'x', redrive: 'this-redrive' });
    expect(arrived).not.toHaveProperty('attempts');
  });

  it('gets the mark of its latest redrive in place of an earlier one', async () => {
    const attributes = { ...WORKERS, ...foreign(6), redrive: text('an-earlier-redrive') };
    expect(await attributesAfter(attributes)).toMatchObject({ attempts: '1', redrive: 'this-redrive' });
  });

  it('is sent without the mark if ten attributes of others leave no room', async () => {
    const arrived = await attributesAfter(foreign(10));
    expect(Object.keys(arrived).toSorted()).toEqual(Object.keys(foreign(10)).toSorted());
  });
});

it('requests with several dead letters stay within the size that SQS has always accepted, attributes included', async () => {
  const requests = recording(ops.sqs, 'SendMessageBatchCommand') as SendMessageBatchRequest[];
  const large = ['a', 'b', 'c'].map((id) => ({
    ...messageOf(id, { note: text('n'.repeat(40_000)) }),
    body: 'b'.repeat(50_000),
  }));
  const newIds = await sendToRetry(ops, large, 'this-redrive');
  expect([...newIds.keys()]).toEqual(['a', 'b', 'c']);
  expect(requests.map(({ Entries = [] }) => Entries.length)).toEqual([2, 1]);
});
