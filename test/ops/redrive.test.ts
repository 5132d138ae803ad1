import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { ReceiveMessageCommand, type Message } from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { dirtyMessage } from '../../src/core/notification.ts';
import { REDRIVE_LIMITS } from '../../src/core/redrive-limits.ts';
import { ARCHIVE_PREFIX } from '../../src/core/reserved-prefixes.ts';
import type { OpsContext } from '../../src/ops/context.ts';
import { archiveDeadLetters } from '../../src/ops/dead-letters/archive.ts';
import { copyOf, type DeadLetterCopy } from '../../src/ops/dead-letters/copy.ts';
import { listDeadLetters } from '../../src/ops/dead-letters/list.ts';
import { listMoveTasks, startMoveTask } from '../../src/ops/redrive/move-task.ts';
import { listRecords, requestCancel } from '../../src/ops/redrive/record.ts';
import { runRedrive, type RedriveRequest } from '../../src/ops/redrive/run.ts';
import { fromArchive, fromCopies, fromQueue } from '../../src/ops/redrive/choose.ts';
import { eventually } from '../support/eventually.ts';
import { failing } from '../support/failing.ts';
import { FAST_TIME } from '../support/fast-time.ts';
import { letterOf, opsOf, sendAll } from '../support/ops.ts';
import { countMessages, listKeys, read } from '../support/pipeline.ts';
import { startBench, type Bench } from '../support/worker.ts';

let bench: Bench;
let ops: OpsContext;
let dead: string;
let retry: string;
beforeEach(async () => {
  bench = await startBench();
  ops = { ...opsOf(bench), time: FAST_TIME };
  dead = ops.deployment.deadLetterQueueUrl;
  retry = ops.deployment.retryQueueUrl;
});
afterEach(async () => {
  vi.useRealTimers();
  await bench.stop();
});

const KEYS = Array.from({ length: 40 }, (_, index) => `photos/${index}.jpg`);
const sendLetters = () =>
  sendAll(ops, dead, [
    ...KEYS.map((key, index) => letterOf(key, index < 30 ? 'image.corrupt' : 'process.died')),
    { MessageBody: 'junk' },
  ]);

/** Without following, and without a stop condition. */
const request = (more: Partial<RedriveRequest>): RedriveRequest => ({
  source: fromQueue(ops, {}),
  stopIfFailing: 1,
  wait: false,
  who: 'operator@host',
  why: 'the decoder was mended',
  what: 'all',
  ...more,
});
const run = (more: Partial<RedriveRequest>, stop = new AbortController().signal) =>
  runRedrive(ops, request(more), stop);

/** Counts the receives of these operations from now on. */
function countReceives(): () => number {
  let count = 0;
  ops.sqs.middlewareStack.add(
    (next, { commandName }) =>
      (args) => {
        if (commandName === 'ReceiveMessageCommand') count += 1;
        return next(args);
      },
    { step: 'initialize' },
  );
  return () => count;
}

async function retried(): Promise<Message[]> {
  const messages: Message[] = [];
  for (;;) {
    const { Messages = [] } = await ops.sqs.send(
      new ReceiveMessageCommand({
        QueueUrl: retry,
        MaxNumberOfMessages: 10,
        MessageAttributeNames: ['All'],
      }),
    );
    if (Messages.length === 0) return messages;
    messages.push(...Messages);
  }
}

const keysOf = (messages: Message[]) =>
  messages.map(({ Body = '' }) => (JSON.parse(Body) as { key: string }).key).toSorted();

describe('a redrive', () => {
  it('sends the matching dead letters to the retry queue with their attributes, and leaves the rest', async () => {
    await sendLetters();
    const foreign = {
      MessageBody: letterOf('photos/foreign.jpg', 'process.died').MessageBody,
      MessageAttributes: {
        ...letterOf('', 'process.died').MessageAttributes,
        trace: { DataType: 'String.custom', StringValue: 'abc' },
        blob: { DataType: 'Binary', BinaryValue: Buffer.from([0, 255, 1]) },
      },
    };
    await sendAll(ops, dead, [foreign]);
    const record = await run({ source: fromQueue(ops, { code: 'process.died' }) });
    expect(record).toMatchObject({ state: 'done', counts: { moved: 11 } });
    const messages = await retried();
    expect(keysOf(messages)).toEqual([...KEYS.slice(30), 'photos/foreign.jpg'].toSorted());
    const sent = messages.find(({ Body }) => Body?.includes('foreign'))?.MessageAttributes ?? {};
    expect(sent.trace).toMatchObject({ DataType: 'String.custom', StringValue: 'abc' });
    expect(Buffer.from(sent.blob?.BinaryValue ?? [])).toEqual(Buffer.from([0, 255, 1]));
    expect(sent.code?.StringValue).toBe('process.died');
    expect(sent.redrive?.StringValue).toBe(record.id);
    expect(await countMessages(ops.sqs, dead)).toBe(31);
  });

  it('makes room for its mark only by removing attributes that this project added', async () => {
    const foreign = Object.fromEntries(
      Array.from({ length: 7 }, (_, index) => [`own${index}`, { DataType: 'String', StringValue: 'x' }]),
    );
    const letter = letterOf('photos/full.jpg', 'process.died');
    await sendAll(ops, dead, [{ ...letter, MessageAttributes: { ...letter.MessageAttributes, ...foreign } }]);
    const { id } = await run({});
    const [sent] = await retried();
    expect(Object.keys(sent?.MessageAttributes ?? {}).toSorted()).toEqual(
      ['code', 'message', 'redrive', ...Object.keys(foreign)].toSorted(),
    );
    expect(sent?.MessageAttributes?.redrive?.StringValue).toBe(id);
  });

  it('leaves messages in the queue that SQS refuses', async () => {
    await sendAll(
      ops,
      dead,
      KEYS.slice(0, 10).map((key) => letterOf(key, 'image.corrupt')),
    );
    ops.sqs.middlewareStack.add(
      (next, { commandName }) =>
        (args) => {
          // A character that SQS refuses makes one entry in the batch fail.
          if (commandName === 'SendMessageBatchCommand') {
            const [first] = (args.input as { Entries: { MessageBody: string }[] }).Entries;
            if (first !== undefined) first.MessageBody = '\u0000';
          }
          return next(args);
        },
      { step: 'initialize' },
    );
    const record = await run({});
    const moved = keysOf(await retried());
    expect(record.counts.moved).toBe(moved.length);
    expect(moved.length).toBeLessThan(10);
    expect(moved.length + (await countMessages(ops.sqs, dead))).toBe(10);
    expect(record.state).toBe('stopped');
  });

  it('whose process dies between sending and deleting leaves every message in at least one queue', async () => {
    await sendLetters();
    failing(ops.sqs, 'DeleteMessageBatchCommand', new Error('died'), { after: 1, times: 100 });
    await expect(run({})).rejects.toThrow('died');
    const left: string[] = [];
    for await (const { objects, body } of listDeadLetters(ops)) left.push(objects[0]?.key ?? body);
    const sent = (await retried()).map(({ Body = '' }) =>
      Body === 'junk' ? Body : (JSON.parse(Body) as { key: string }).key,
    );
    expect([...new Set([...left, ...sent])].toSorted()).toEqual([...KEYS, 'junk'].toSorted());
    expect(await listRecords(ops, 1)).toMatchObject([{ state: 'failed', reason: 'died' }]);
  });

  it('moves only the canary first, and stops if it fails again', async () => {
    await sendLetters();
    for (const key of KEYS) await bench.upload(key);
    const running = run({ canary: 5, stopIfFailing: 0.2, source: fromQueue(ops, { code: 'image.corrupt' }) });
    // Acts as a worker with the same fault.
    const canary = await eventually('the canary has been moved', async () => {
      const messages = await retried();
      return messages.length > 0 && messages;
    });
    expect(canary.length).toBe(5);
    await sendAll(
      ops,
      dead,
      canary.map(({ Body = '', MessageAttributes = {} }) => ({ MessageBody: Body, MessageAttributes })),
    );
    expect(await running).toMatchObject({
      state: 'stopped',
      counts: { moved: 5, converted: 0, failedAgain: 5, pending: 0 },
      reason: '5 of 5 (100 %) failed again, more than 20 %',
    });
    expect(await countMessages(ops.sqs, dead)).toBe(KEYS.length + 1);
  });

  it('stops when it is cancelled, and says so', async () => {
    await sendLetters();
    const running = run({ rate: 1 });
    const id = await eventually('it has a record', async () => (await listRecords(ops, 1))[0]?.id);
    expect(await requestCancel(ops, id)).toBe(true);
    const record = await running;
    expect(record).toMatchObject({ state: 'cancelled', reason: 'cancelled on request' });
    expect(record.counts.moved).toBeLessThan(KEYS.length);
    expect(record.counts.moved + (await countMessages(ops.sqs, dead))).toBe(KEYS.length + 1);
    expect(await requestCancel(ops, id)).toBe(false);
  });

  it('that is interrupted finishes what is in flight and leaves the rest', async () => {
    await sendLetters();
    const stop = new AbortController();
    const running = run({ rate: 1 }, stop.signal);
    await eventually('it has begun', async () => (await countMessages(ops.sqs, retry)) > 0);
    stop.abort();
    const record = await running;
    expect(record.state).toBe('interrupted');
    expect(record.counts.moved + (await countMessages(ops.sqs, dead))).toBe(KEYS.length + 1);
  });

  it('sends no more requests once interrupted, even while it waits for other readers', async () => {
    await sendAll(ops, dead, [letterOf(KEYS[0] ?? '', 'process.died')]);
    await ops.sqs.send(new ReceiveMessageCommand({ QueueUrl: dead, VisibilityTimeout: 3600 }));
    const stop = new AbortController();
    const receives = countReceives();
    const running = run({}, stop.signal);
    // More than its lanes request before any of them waits.
    await eventually('it waits', () => Promise.resolve(receives() > 10));
    stop.abort();
    const begun = receives();
    expect(await running).toMatchObject({ state: 'interrupted', counts: { moved: 0 } });
    expect(receives()).toBe(begun);
  });

  it('that missed dead letters because other consumers held them says so', async () => {
    await sendAll(ops, dead, [letterOf(KEYS[0] ?? '', 'process.died')]);
    await ops.sqs.send(new ReceiveMessageCommand({ QueueUrl: dead, VisibilityTimeout: 3600 }));
    const receives = countReceives();
    const running = run({});
    await eventually('it waits', () => Promise.resolve(receives() > 10));
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 100_000 });
    expect(await running).toMatchObject({
      state: 'stopped',
      reason: 'another reader kept 1 dead letter hidden; run the redrive again',
      counts: { moved: 0 },
    });
  });

  it('moves nothing if it found nothing for its canary', async () => {
    let moves = 0;
    const source = { move: () => Promise.resolve(void (moves += 1)) };
    expect(await run({ source, canary: 2 })).toMatchObject({ state: 'done', counts: { moved: 0 } });
    expect(moves).toBe(1);
  });

  it('leaves a record of who moved what, why, and the outcome', async () => {
    await sendLetters();
    const { id } = await run({ source: fromQueue(ops, { prefix: 'photos/1' }) });
    const { Body } = await ops.s3.send(
      new GetObjectCommand({ Bucket: 'failures', Key: `.millrace/redrives/${id}.json` }),
    );
    expect(JSON.parse((await Body?.transformToString()) ?? '')).toMatchObject({
      id,
      who: 'operator@host',
      why: 'the decoder was mended',
      state: 'done',
      counts: { moved: 11 },
    });
  });

  it("that cannot read its messages' outcomes stops moving, and says why", async () => {
    await sendLetters();
    failing(ops.s3, 'HeadObjectCommand', new Error('denied'));
    await expect(run({ rate: 5, stopIfFailing: 0.5 })).rejects.toThrow('denied');
    expect(await countMessages(ops.sqs, dead)).toBeGreaterThan(0);
    expect(await listRecords(ops, 1)).toMatchObject([{ state: 'failed', reason: 'denied' }]);
  });

  it('does not wait for its canary longer than its timeout, and then moves nothing more', async () => {
    await sendLetters();
    for (const key of KEYS) await bench.upload(key);
    const record = await run({ canary: 3, wait: true, timeout: 1 });
    expect(record).toMatchObject({ state: 'stopped', reason: '3 of the canary had no outcome in time' });
    expect(record.counts).toMatchObject({ moved: 3, pending: 3 });
  });

  it('detects that an object in a foreign bucket has failed again', async () => {
    const foreign = dirtyMessage({ bucket: 'somebody-elses', key: 'a.jpg' });
    await sendAll(ops, dead, [{ ...letterOf('', 'notification.unknown_bucket'), MessageBody: foreign }]);
    const running = run({ wait: true });
    const [message] = await eventually('it is moved', async () => {
      const messages = await retried();
      return messages.length > 0 && messages;
    });
    const { Body = '', MessageAttributes = {} } = message ?? {};
    await sendAll(ops, dead, [{ MessageBody: Body, MessageAttributes }]);
    expect((await running).counts).toMatchObject({ moved: 1, failedAgain: 1, gone: 0 });
  });

  it("has a record even if an upload failed under a key in the records' prefix", async () => {
    const { id } = await run({});
    const Key = '.millrace/redrives/9999-01-01T00-00-00-000Z-aaaaaaaaaaaa.json';
    await ops.s3.send(new PutObjectCommand({ Bucket: 'failures', Key, Body: '{}' }));
    expect((await listRecords(ops, 5)).map((record) => record.id)).toEqual([id]);
  });

  it('moves nothing if its record cannot be written', async () => {
    await sendLetters();
    failing(ops.s3, 'PutObjectCommand', new Error('denied'));
    await expect(run({})).rejects.toThrow('denied');
    expect(await countMessages(ops.sqs, dead)).toBe(KEYS.length + 1);
  });

  it('never moves a message again that it moved before and that failed again', async () => {
    await sendAll(
      ops,
      dead,
      KEYS.map((key) => letterOf(key, 'image.corrupt')),
    );
    // Each moved message comes back immediately with its attributes, as the worker sends it.
    let moved = 0;
    ops.sqs.middlewareStack.add(
      (next, { commandName }) =>
        async (args) => {
          const result = await next(args);
          if (commandName !== 'SendMessageBatchCommand') return result;
          const { QueueUrl, Entries } = args.input as {
            QueueUrl: string;
            Entries: { MessageBody: string }[];
          };
          if (QueueUrl === dead) return result;
          moved += Entries.length;
          // A redrive that moved them again would never end.
          if (moved <= 2 * KEYS.length) await sendAll(ops, dead, Entries);
          return result;
        },
      { step: 'initialize' },
    );
    expect((await run({})).counts.moved).toBe(KEYS.length);
    expect(moved).toBe(KEYS.length);
    expect(await countMessages(ops.sqs, dead)).toBe(KEYS.length);
  });
});

describe('a redrive from copies', () => {
  it('takes messages from the queue if they are there, and sends the others from their copies', async () => {
    await sendLetters();
    const copies = [];
    for await (const letter of listDeadLetters(ops)) {
      const copy = copyOf(letter, 60);
      if (copy.code === 'process.died') copies.push(copy);
    }
    const [first] = copies;
    if (first === undefined) throw new Error('expected a copy');
    // Since then, one was purged and one was edited.
    const purged = { ...first, id: 'purged-since', body: first.body.replace('photos/', 'purged/') };
    const edited = copies.map((copy) =>
      copy === first ? { ...copy, body: copy.body.replace('photos/', 'edited/') } : copy,
    );
    const record = await run({ source: fromCopies(ops, [...edited, purged]) });
    expect(record.counts.moved).toBe(11);
    const keys = keysOf(await retried());
    expect(keys.filter((key) => key.startsWith('photos/'))).toHaveLength(9);
    expect(keys.filter((key) => key.startsWith('edited/'))).toHaveLength(1);
    expect(keys.filter((key) => key.startsWith('purged/'))).toHaveLength(1);
    expect(await countMessages(ops.sqs, dead)).toBe(31);
  });

  /** A message that SQS refuses because of one character. */
  const refused = (copy: DeadLetterCopy): DeadLetterCopy => ({ ...copy, body: '\u0000' });

  it('sends all messages that SQS accepts, and is not done while SQS refuses one', async () => {
    await sendLetters();
    const copies: DeadLetterCopy[] = [];
    for await (const letter of listDeadLetters(ops))
      if (letter.code === 'process.died') copies.push(copyOf(letter, 60));
    const edited = [
      ...copies.map((copy, index) => (index === 0 ? refused(copy) : copy)),
      ...copies.map((copy) => refused({ ...copy, id: `purged-${copy.id}` })),
    ];
    const record = await run({ source: fromCopies(ops, edited) });
    expect(record).toMatchObject({
      state: 'stopped',
      reason: 'SQS refused 11 messages, which stay in their queue',
      counts: { moved: 9 },
    });
    expect(await retried()).toHaveLength(9);
    expect(await countMessages(ops.sqs, dead)).toBe(32);
  });

  it('from the archive is not done while SQS refuses a message, which stays there', async () => {
    await sendLetters();
    await archiveDeadLetters(ops, 0);
    const first = (await listKeys(ops.s3, 'failures')).find((key) => key.startsWith(ARCHIVE_PREFIX)) ?? '';
    const stored = await read(ops.s3, 'failures', first);
    const copy = JSON.parse(stored?.bytes.toString() ?? '') as DeadLetterCopy;
    await ops.s3.send(
      new PutObjectCommand({ Bucket: 'failures', Key: first, Body: JSON.stringify(refused(copy)) }),
    );
    const record = await run({ source: fromArchive(ops, {}) });
    expect(record).toMatchObject({
      state: 'stopped',
      reason: 'SQS refused 1 message, which stays in its queue',
      counts: { moved: KEYS.length },
    });
    const left = (await listKeys(ops.s3, 'failures')).filter((key) => key.startsWith(ARCHIVE_PREFIX));
    expect(left).toEqual([first]);
  });

  it('moves the matching dead letters out of the archive', async () => {
    await sendLetters();
    await archiveDeadLetters(ops, 0);
    expect((await run({ source: fromArchive(ops, { code: 'process.died' }) })).counts.moved).toBe(10);
    expect(keysOf(await retried())).toEqual(KEYS.slice(30).toSorted());
    expect((await run({ source: fromArchive(ops, { code: 'process.died' }) })).counts.moved).toBe(0);
    expect((await run({ source: fromArchive(ops, {}) })).counts.moved).toBe(31);
  });
});

describe('a redrive by SQS', () => {
  it('names its destination, so that it also moves messages that were sent directly to the dead-letter queue', async () => {
    await sendLetters();
    await startMoveTask(ops);
    await eventually('all are moved', async () => (await countMessages(ops.sqs, dead)) === 0);
    expect(await countMessages(ops.sqs, retry)).toBe(KEYS.length + 1);
  });

  it("uses a redrive's maximum rate, which is SQS's maximum", async () => {
    const { rate } = REDRIVE_LIMITS;
    await expect(startMoveTask(ops, rate + 1)).rejects.toThrow('MaxNumberOfMessagesPerSecond');
    await startMoveTask(ops, rate);
    expect(await listMoveTasks(ops)).toEqual([
      expect.objectContaining({ MaxNumberOfMessagesPerSecond: rate }),
    ]);
  });
});
