import {
  CancelMessageMoveTaskCommand,
  ListDeadLetterSourceQueuesCommand,
  ListMessageMoveTasksCommand,
  SetQueueAttributesCommand,
  StartMessageMoveTaskCommand,
  type SendMessageCommandInput,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../../../../test/support/eventually.ts';
import { errorOf } from '../s3/server.ts';
import { arnOf, startSqs, type TestSqs } from './server.ts';

let local: TestSqs;
beforeAll(async () => {
  local = await startSqs();
});
afterAll(() => local.stop());

/** Enough to keep a move task busy at one per second for longer than a test may take. */
const LETTERS = 200;

const redriveTo = (deadLetters: string, maxReceiveCount = 1) => ({
  RedrivePolicy: JSON.stringify({ deadLetterTargetArn: arnOf(deadLetters), maxReceiveCount }),
});
const newSource = (deadLetters: string) =>
  local.newQueue({ ...redriveTo(deadLetters), VisibilityTimeout: '0' });
const set = (QueueUrl: string, Attributes: Record<string, string>) =>
  local.sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes }));

/** Sends a message to a queue and receives it once too often. */
async function sendPoison(
  source: string,
  body: string,
  more?: Partial<SendMessageCommandInput>,
): Promise<string> {
  const id = await local.send(source, body, more);
  while ((await local.receive(source)).length > 0);
  return id;
}

describe('a dead-letter queue', () => {
  it('receives messages that were received too often, with their source', async () => {
    const dead = await local.newQueue();
    const source = await newSource(dead);
    const MessageId = await sendPoison(source, 'a', { MessageGroupId: 'tenant' });
    const [letter] = await local.receive(dead, { MessageSystemAttributeNames: ['All'] });
    expect(letter).toMatchObject({
      MessageId,
      Body: 'a',
      Attributes: { DeadLetterQueueSourceArn: arnOf(source), MessageGroupId: 'tenant' },
    });
  });

  it('lists its source queues, in pages, while they exist', async () => {
    const dead = await local.newQueue();
    const sources = [await newSource(dead), await newSource(dead), await newSource(dead)];
    await newSource(await local.newQueue());
    const list = (more: object = {}) =>
      local.sqs.send(new ListDeadLetterSourceQueuesCommand({ QueueUrl: dead, ...more }));
    expect((await list()).queueUrls).toEqual(sources);
    const { queueUrls, NextToken } = await list({ MaxResults: 2 });
    expect(queueUrls).toEqual(sources.slice(0, 2));
    expect((await list({ MaxResults: 2, NextToken })).queueUrls).toEqual(sources.slice(2));
    await set(sources[0] ?? '', { RedrivePolicy: '' });
    expect((await list()).queueUrls).toEqual(sources.slice(1));
  });

  it('may refuse all source queues, or all but some', async () => {
    const friend = await local.newQueue();
    const stranger = await local.newQueue();
    const allow = (policy: object) => local.newQueue({ RedriveAllowPolicy: JSON.stringify(policy) });
    const some = await allow({ redrivePermission: 'byQueue', sourceQueueArns: [arnOf(friend)] });
    await set(friend, redriveTo(some));
    expect(await errorOf(set(stranger, redriveTo(some)))).toMatchObject({ name: 'InvalidParameterValue' });
    const none = await allow({ redrivePermission: 'denyAll' });
    expect(await errorOf(set(friend, redriveTo(none)))).toMatchObject({ name: 'InvalidParameterValue' });
    await set(stranger, redriveTo(await allow({ redrivePermission: 'allowAll' })));
    const nobody = await allow({ redrivePermission: 'byQueue' });
    expect(await errorOf(set(friend, redriveTo(nobody)))).toMatchObject({ name: 'InvalidParameterValue' });
    expect(await errorOf(allow({ redrivePermission: 'sometimes' }))).toMatchObject({
      name: 'InvalidAttributeValue',
    });
  });

  it.each([
    ['names no queue', () => ({ deadLetterTargetArn: arnOf('nowhere'), maxReceiveCount: 1 })],
    ['names the queue itself', (own: string) => ({ deadLetterTargetArn: arnOf(own), maxReceiveCount: 1 })],
    [
      'allows no receive',
      (_own: string, dead: string) => ({ deadLetterTargetArn: arnOf(dead), maxReceiveCount: 0 }),
    ],
    [
      'allows 1001',
      (_own: string, dead: string) => ({ deadLetterTargetArn: arnOf(dead), maxReceiveCount: 1001 }),
    ],
    ['says nothing', () => ({})],
  ])('is refused in a redrive policy that %s', async (_what, policy) => {
    const [own, dead] = [await local.newQueue(), await local.newQueue()];
    const { name, status } = await errorOf(set(own, { RedrivePolicy: JSON.stringify(policy(own, dead)) }));
    expect([name, status]).toEqual([expect.stringMatching(/^Invalid(Parameter|Attribute)Value$/), 400]);
    expect(await local.attributesOf(own)).not.toHaveProperty('RedrivePolicy');
  });
});

describe('a move task', () => {
  const start = (SourceArn: string, more: object = {}) =>
    local.sqs.send(new StartMessageMoveTaskCommand({ SourceArn, ...more }));
  const list = async (SourceArn: string, MaxResults = 10) =>
    (await local.sqs.send(new ListMessageMoveTasksCommand({ SourceArn, MaxResults }))).Results ?? [];
  const cancel = (TaskHandle = '') => local.sqs.send(new CancelMessageMoveTaskCommand({ TaskHandle }));

  it('moves dead letters back, and is listed with its progress', async () => {
    const dead = await local.newQueue();
    const source = await newSource(dead);
    const former = [
      await sendPoison(source, 'a', { MessageGroupId: 'tenant' }),
      await sendPoison(source, 'b'),
    ];
    await start(arnOf(dead));
    const done = await eventually('the task has ended', async () => {
      const [task] = await list(arnOf(dead));
      return task?.Status === 'COMPLETED' && task;
    });
    expect(done).toMatchObject({
      SourceArn: arnOf(dead),
      MaxNumberOfMessagesPerSecond: 500,
      ApproximateNumberOfMessagesMoved: 2,
      ApproximateNumberOfMessagesToMove: 2,
      StartedTimestamp: expect.any(Number),
    });
    expect(done).not.toHaveProperty('TaskHandle');
    const moved = await local.receive(source, { MessageSystemAttributeNames: ['All'] });
    expect(moved.map(({ Attributes }) => Attributes?.MessageGroupId)).toEqual(['tenant', undefined]);
    expect(moved.map(({ Body }) => Body)).toEqual(['a', 'b']);
    expect(new Set([...former, ...moved.map(({ MessageId }) => MessageId)]).size).toBe(4);
  });

  it('can be cancelled by its handle', async () => {
    const dead = await local.newQueue();
    const source = await newSource(dead);
    const other = await local.newQueue();
    // More than can move at one message per second while this runs.
    for (let count = 0; count < LETTERS; count += 1) await sendPoison(source, 'a');
    const { TaskHandle } = await start(arnOf(dead), {
      DestinationArn: arnOf(other),
      MaxNumberOfMessagesPerSecond: 1,
    });
    expect(await list(arnOf(dead))).toMatchObject([{ TaskHandle, DestinationArn: arnOf(other) }]);
    await cancel(TaskHandle);
    expect(await errorOf(cancel(TaskHandle))).toMatchObject({ name: 'UnsupportedOperation' });
    const [task] = await list(arnOf(dead));
    expect(task?.Status).toMatch(/^CANCELL(ING|ED)$/);
    expect(task?.ApproximateNumberOfMessagesMoved).toBeLessThan(LETTERS);
  });

  it('requires a dead-letter queue, an existing destination and a known handle', async () => {
    const dead = await local.newQueue();
    const source = await newSource(dead);
    expect(await errorOf(start(arnOf(source)))).toMatchObject({ name: 'UnsupportedOperation' });
    expect(await errorOf(start(arnOf('nowhere')))).toMatchObject({ name: 'ResourceNotFoundException' });
    expect(await errorOf(start(arnOf(dead), { DestinationArn: arnOf('nowhere') }))).toMatchObject({
      name: 'ResourceNotFoundException',
    });
    expect(await errorOf(start(arnOf(dead), { DestinationArn: arnOf(dead) }))).toEqual({
      name: 'InvalidParameterValue',
      status: 400,
    });
    expect(await errorOf(start(arnOf(dead), { MaxNumberOfMessagesPerSecond: 501 }))).toMatchObject({
      name: 'InvalidParameterValue',
    });
    expect(await errorOf(cancel('nonsense'))).toMatchObject({ name: 'ResourceNotFoundException' });
    expect(await list(arnOf(dead))).toEqual([]);
  });
});
