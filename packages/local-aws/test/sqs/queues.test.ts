import {
  CreateQueueCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ListQueuesCommand,
  ListQueueTagsCommand,
  PurgeQueueCommand,
  SetQueueAttributesCommand,
  TagQueueCommand,
  UntagQueueCommand,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { errorOf } from '../s3/server.ts';
import { arnOf, startSqs, type TestSqs } from './server.ts';

let local: TestSqs;
beforeAll(async () => {
  local = await startSqs();
});
afterAll(() => local.stop());

const create = async (QueueName: string, Attributes: Record<string, string> = {}) =>
  (await local.sqs.send(new CreateQueueCommand({ QueueName, Attributes }))).QueueUrl ?? '';
const list = (QueueNamePrefix: string, more: { MaxResults?: number; NextToken?: string } = {}) =>
  local.sqs.send(new ListQueuesCommand({ QueueNamePrefix, ...more }));

describe('a queue', () => {
  it('can be created again only with the same attributes', async () => {
    const url = await create('once', { DelaySeconds: '1' });
    expect(url).toBe(`${local.url}/000000000000/once`);
    expect(await create('once', { DelaySeconds: '1' })).toBe(url);
    expect(await create('once')).toBe(url);
    expect(await errorOf(create('once', { DelaySeconds: '2' }))).toEqual({
      name: 'QueueNameExists',
      status: 400,
    });
    expect((await local.attributesOf(url))['DelaySeconds']).toBe('1');
  });

  it.each([
    ['with blanks', {}, 'InvalidParameterValue'],
    ['', {}, 'InvalidParameterValue'],
    ['x'.repeat(81), {}, 'InvalidParameterValue'],
    ['ordered.fifo', { FifoQueue: 'true' }, 'NotImplemented'],
    ['not-ordered', { FifoQueue: 'false' }, 'NotImplemented'],
    ['deduplicated', { ContentBasedDeduplication: 'true' }, 'NotImplemented'],
    ['encrypted', { KmsMasterKeyId: 'alias/x' }, 'NotImplemented'],
    ['half-encrypted', { SqsManagedSseEnabled: 'half' }, 'InvalidAttributeValue'],
    ['odd', { Colour: 'red' }, 'InvalidAttributeName'],
  ])('%j with %j is refused with %s', async (name, attributes, error) => {
    expect(await errorOf(create(name, { ...attributes }))).toMatchObject({ name: error });
    const { QueueUrls = [] } = await list(name);
    expect(QueueUrls.filter((url) => url.endsWith(`/${name}`))).toEqual([]);
  });

  it('is found by name while it exists, and deleted with its messages', async () => {
    const get = (QueueOwnerAWSAccountId?: string) =>
      local.sqs.send(new GetQueueUrlCommand({ QueueName: 'found', QueueOwnerAWSAccountId }));
    expect(await errorOf(get())).toEqual({ name: 'QueueDoesNotExist', status: 400 });
    const url = await create('found');
    expect((await get()).QueueUrl).toBe(url);
    expect((await get('000000000000')).QueueUrl).toBe(url);
    expect(await errorOf(get('111111111111'))).toMatchObject({ name: 'QueueDoesNotExist' });
    await local.send(url, 'x');
    await local.sqs.send(new DeleteQueueCommand({ QueueUrl: url }));
    expect(await errorOf(get())).toMatchObject({ name: 'QueueDoesNotExist' });
    expect(await errorOf(local.send(url, 'x'))).toMatchObject({ name: 'QueueDoesNotExist' });
    expect(await local.receive(await create('found'))).toEqual([]);
  });

  it('is listed by prefix, in pages', async () => {
    const urls = [await create('page-a'), await create('page-b'), await create('page-c')];
    await create('other-page');
    const whole = await list('page-');
    expect([whole.QueueUrls, whole.NextToken]).toEqual([urls, undefined]);
    const first = await list('page-', { MaxResults: 2 });
    expect(first.QueueUrls).toEqual(urls.slice(0, 2));
    const second = await list('page-', { MaxResults: 2, NextToken: first.NextToken ?? '' });
    expect([second.QueueUrls, second.NextToken]).toEqual([urls.slice(2), undefined]);
    const all = await list('page-', { MaxResults: 3 });
    expect([all.QueueUrls, all.NextToken]).toEqual([urls, undefined]);
    for (const NextToken of ['nonsense', '-1', '1.5'])
      expect(await errorOf(list('page-', { NextToken }))).toEqual({
        name: 'InvalidParameterValue',
        status: 400,
      });
  });

  it('is tagged and untagged', async () => {
    const QueueUrl = await local.newQueue();
    const tags = async () => (await local.sqs.send(new ListQueueTagsCommand({ QueueUrl }))).Tags;
    await local.sqs.send(new TagQueueCommand({ QueueUrl, Tags: { a: '1', b: '2' } }));
    await local.sqs.send(new TagQueueCommand({ QueueUrl, Tags: { b: '3' } }));
    expect(await tags()).toEqual({ a: '1', b: '3' });
    await local.sqs.send(new UntagQueueCommand({ QueueUrl, TagKeys: ['a', 'c'] }));
    expect(await tags()).toEqual({ b: '3' });
  });

  it('is purged of all messages, but not twice within a minute', async () => {
    const QueueUrl = await local.newQueue();
    for (const DelaySeconds of [0, 0, 900]) await local.send(QueueUrl, 'x', { DelaySeconds });
    await local.receive(QueueUrl, { MaxNumberOfMessages: 1 });
    const purge = () => local.sqs.send(new PurgeQueueCommand({ QueueUrl }));
    await purge();
    expect(await local.attributesOf(QueueUrl)).toMatchObject({
      ApproximateNumberOfMessages: '0',
      ApproximateNumberOfMessagesNotVisible: '0',
      ApproximateNumberOfMessagesDelayed: '0',
    });
    expect(await errorOf(purge())).toEqual({ name: 'PurgeQueueInProgress', status: 403 });
  });
});

describe('the attributes of a queue', () => {
  it('have SQS’s defaults until they are set', async () => {
    const QueueUrl = await local.newQueue();
    expect(await local.attributesOf(QueueUrl)).toMatchObject({
      DelaySeconds: '0',
      MaximumMessageSize: '1048576',
      MessageRetentionPeriod: '345600',
      ReceiveMessageWaitTimeSeconds: '0',
      VisibilityTimeout: '30',
      QueueArn: `arn:aws:sqs:us-east-1:000000000000:${QueueUrl.split('/').at(-1)}`,
      CreatedTimestamp: expect.stringMatching(/^\d{10}$/),
      LastModifiedTimestamp: expect.stringMatching(/^\d{10}$/),
      SqsManagedSseEnabled: 'false',
    });
    const changes = { VisibilityTimeout: '77', Policy: '{}' };
    await local.sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: changes }));
    expect(await local.attributesOf(QueueUrl)).toMatchObject({ ...changes, DelaySeconds: '0' });
    await local.sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { Policy: '' } }));
    expect(await local.attributesOf(QueueUrl)).not.toHaveProperty('Policy');
  });

  it.each(['true', 'false'])(
    'accept SqsManagedSseEnabled: %s, although nothing is encrypted',
    async (value) => {
      const QueueUrl = await local.newQueue({ SqsManagedSseEnabled: value });
      expect(await local.attributesOf(QueueUrl)).toMatchObject({ SqsManagedSseEnabled: 'false' });
    },
  );

  it('include its redrive policies as they were set, until they are removed', async () => {
    const dead = await local.newQueue();
    const policies = {
      RedrivePolicy: JSON.stringify({ deadLetterTargetArn: arnOf(dead), maxReceiveCount: 3 }),
      RedriveAllowPolicy: JSON.stringify({ redrivePermission: 'byQueue', sourceQueueArns: [arnOf(dead)] }),
    };
    const QueueUrl = await create('policies', policies);
    expect(await local.attributesOf(QueueUrl)).toMatchObject(policies);
    expect(await create('policies', policies)).toBe(QueueUrl);
    const other = { RedrivePolicy: JSON.stringify({ deadLetterTargetArn: arnOf(dead), maxReceiveCount: 4 }) };
    expect(await errorOf(create('policies', other))).toMatchObject({ name: 'QueueNameExists' });
    const Attributes = { RedrivePolicy: '', RedriveAllowPolicy: '' };
    await local.sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes }));
    for (const name of Object.keys(policies))
      expect(await local.attributesOf(QueueUrl)).not.toHaveProperty(name);
  });

  it('are returned on request', async () => {
    const QueueUrl = await local.newQueue();
    const get = (...names: string[]) =>
      local.sqs.send(
        new GetQueueAttributesCommand({ QueueUrl, AttributeNames: names as 'VisibilityTimeout'[] }),
      );
    expect((await get('VisibilityTimeout')).Attributes).toEqual({ VisibilityTimeout: '30' });
    expect(await errorOf(get('Colour'))).toMatchObject({ name: 'InvalidAttributeName' });
  });

  it('count visible, in-flight and delayed messages', async () => {
    const QueueUrl = await local.newQueue();
    for (const DelaySeconds of [0, 0, 0, 900]) await local.send(QueueUrl, 'x', { DelaySeconds });
    await local.receive(QueueUrl, { MaxNumberOfMessages: 1 });
    expect(await local.attributesOf(QueueUrl)).toMatchObject({
      ApproximateNumberOfMessages: '2',
      ApproximateNumberOfMessagesNotVisible: '1',
      ApproximateNumberOfMessagesDelayed: '1',
    });
  });

  it.each([
    ['DelaySeconds', 0, 900],
    ['MaximumMessageSize', 1024, 1_048_576],
    ['MessageRetentionPeriod', 60, 1_209_600],
    ['ReceiveMessageWaitTimeSeconds', 0, 20],
    ['VisibilityTimeout', 0, 43_200],
  ])('limit %s to between %d and %d', async (name, min, max) => {
    const QueueUrl = await local.newQueue();
    const set = (value: string) =>
      local.sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { [name]: value } }));
    for (const value of [min, max]) {
      await set(String(value));
      expect((await local.attributesOf(QueueUrl))[name]).toBe(String(value));
    }
    for (const value of [String(min - 1), String(max + 1), '', 'many', '61.5'])
      expect(await errorOf(set(value))).toEqual({ name: 'InvalidAttributeValue', status: 400 });
    expect((await local.attributesOf(QueueUrl))[name]).toBe(String(max));
  });
});
