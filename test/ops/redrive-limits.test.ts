import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DeleteObjectCommand } from '@aws-sdk/client-s3';
import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageCommand,
  ReceiveMessageCommand,
  type Message,
} from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OpsContext } from '../../src/ops/context.ts';
import { readCopyFile } from '../../src/cli/redrive/copy-file.ts';
import { purgeDeadLetters } from '../../src/ops/dead-letters/export.ts';
import { listDeadLetters } from '../../src/ops/dead-letters/list.ts';
import { createFollower } from '../../src/ops/redrive/follow.ts';
import { listRecords, newRecord, openRecord } from '../../src/ops/redrive/record.ts';
import { runRedrive, type RedriveRequest } from '../../src/ops/redrive/run.ts';
import { fromQueue } from '../../src/ops/redrive/choose.ts';
import { eventually } from '../support/eventually.ts';
import { FAST_TIME } from '../support/fast-time.ts';
import { letterOf, opsOf, sendAll } from '../support/ops.ts';
import { clientsOf } from '../support/pipeline.ts';
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
afterEach(() => bench.stop());

const keys = (count: number) =>
  Array.from({ length: count }, (_, index) => `photos/${String(index).padStart(3, '0')}.jpg`);

const sendLetters = (some: readonly string[]) =>
  sendAll(
    ops,
    dead,
    some.map((key) => letterOf(key, 'process.died')),
  );

const run = (more: Partial<RedriveRequest>) =>
  runRedrive(
    ops,
    { source: fromQueue(ops, {}), stopIfFailing: 1, wait: true, who: 'a', why: 'b', what: 'c', ...more },
    new AbortController().signal,
  );

/** Returns the messages in the retry queue, and removes them. */
async function takeRetried(): Promise<Message[]> {
  const all: Message[] = [];
  for (;;) {
    const { Messages = [] } = await ops.sqs.send(
      new ReceiveMessageCommand({
        QueueUrl: retry,
        MaxNumberOfMessages: 10,
        MessageAttributeNames: ['All'],
      }),
    );
    if (Messages.length === 0) return all;
    all.push(...Messages);
    for (const { ReceiptHandle } of Messages)
      await ops.sqs.send(new DeleteMessageCommand({ QueueUrl: retry, ReceiptHandle }));
  }
}

const keyOf = ({ Body = '' }: Message) => (JSON.parse(Body) as { key: string }).key;

/** Returns the next messages that a redrive moved, once there are this many. */
async function moved(count: number): Promise<Message[]> {
  const messages: Message[] = [];
  await eventually(`${count} are moved`, async () => {
    messages.push(...(await takeRetried()));
    return messages.length >= count;
  });
  return messages;
}

describe('a redrive', () => {
  it('continues if exactly the allowed share has failed again', async () => {
    const some = keys(8);
    for (const key of some) await bench.upload(key);
    await sendLetters(some);
    const running = run({ canary: 5, stopIfFailing: 0.2 });
    const [first, ...others] = await moved(5);
    const { Body = '', MessageAttributes = {} } = first ?? {};
    await sendAll(ops, dead, [{ MessageBody: Body, MessageAttributes }]);
    // A deleted source is also an outcome.
    for (const message of others)
      await ops.s3.send(new DeleteObjectCommand({ Bucket: 'uploads', Key: keyOf(message) }));
    for (const message of await moved(3))
      await ops.s3.send(new DeleteObjectCommand({ Bucket: 'uploads', Key: keyOf(message) }));
    expect(await running).toMatchObject({
      state: 'done',
      counts: { moved: 8, failedAgain: 1, gone: 7, pending: 0 },
    });
  });

  it('waits for its timeout in seconds', async () => {
    await bench.upload('slow.jpg');
    await sendLetters(['slow.jpg']);
    let looks = 0;
    ops.s3.middlewareStack.add(
      (next, { commandName }) =>
        async (args) => {
          const { Bucket } = args.input as { Bucket?: string };
          if (commandName === 'HeadObjectCommand' && Bucket === 'uploads') looks += 1;
          return next(args);
        },
      { step: 'initialize' },
    );
    const running = run({ canary: 1, timeout: 600 });
    // Each check is half a second after the previous one.
    await eventually('it has looked five times', () => Promise.resolve(looks >= 5));
    await ops.s3.send(new DeleteObjectCommand({ Bucket: 'uploads', Key: 'slow.jpg' }));
    expect(await running).toMatchObject({ state: 'done', counts: { moved: 1, gone: 1, pending: 0 } });
  });
});

describe('the follower of a redrive', () => {
  it('checks all the objects it follows in turn, however many of them never end', async () => {
    const waiting = keys(200);
    await Promise.all(waiting.map((key) => bench.upload(key)));
    const gone = Array.from({ length: 20 }, (_, index) => `gone/${index}.jpg`);
    const following = [...waiting, ...gone].map((key) => ({ key, bucket: 'uploads', newIds: ['id'] }));
    const follower = createFollower(ops, 'redrive', following);
    expect(await follower.poll()).toEqual([]);
    expect((await follower.poll()).map(({ kind, key }) => ({ kind, key }))).toEqual(
      gone.map((key) => ({ kind: 'gone', key })),
    );
    expect(follower.pending()).toBe(waiting.length);
  });
});

describe('the list of redrives', () => {
  it('contains the latest, newest first', async () => {
    const ids = ['2026-01-01', '2026-01-02', '2026-01-03', '2026-01-04'].map(
      (day) => `${day}T00-00-00-000Z-0123456789ab`,
    );
    for (const id of ids) await openRecord(ops, { ...newRecord({ who: 'a', why: 'b', what: 'c' }), id });
    expect((await listRecords(ops, 2)).map(({ id }) => id)).toEqual([ids[3], ids[2]]);
    expect(await listRecords(ops, 10)).toHaveLength(4);
  });
});

describe('a purge and a redrive of the same dead letters at the same time', () => {
  const some = keys(30);
  let folder: string;
  let file: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'millrace-test-'));
    file = join(folder, 'copies.jsonl');
    await sendLetters(some);
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const purge = (as: OpsContext) => purgeDeadLetters(as, {}, file);
  const redrive = (as: OpsContext) =>
    // With a rate, it has one lane.
    run({ wait: false, rate: 1000, source: fromQueue(as, {}) });

  /** A client whose first call of a command waits until its messages are visible again and `meanwhile` has ended. */
  function interrupted(command: string, meanwhile: () => Promise<unknown>): OpsContext {
    const { sqs } = clientsOf(bench.env['AWS_ENDPOINT_URL'] ?? '');
    let received: Message[] = [];
    let met = false;
    sqs.middlewareStack.add(
      (next, { commandName }) =>
        async (args) => {
          if (commandName === command && !met) {
            met = true;
            await ops.sqs.send(
              new ChangeMessageVisibilityBatchCommand({
                QueueUrl: dead,
                Entries: received.map(({ ReceiptHandle }, index) => {
                  return { Id: String(index), ReceiptHandle, VisibilityTimeout: 0 };
                }),
              }),
            );
            await meanwhile();
          }
          const answer = await next(args);
          if (commandName === 'ReceiveMessageCommand')
            received = (answer.output as { Messages?: Message[] }).Messages ?? received;
          return answer;
        },
      { step: 'initialize' },
    );
    return { ...ops, sqs };
  }

  async function everyLetter() {
    const copied = (await readCopyFile(file)).map(({ objects }) => objects[0]?.key ?? '');
    const resent = (await takeRetried()).map(keyOf);
    const left: string[] = [];
    for await (const { objects } of listDeadLetters(ops)) left.push(objects[0]?.key ?? '');
    expect([...new Set([...copied, ...resent, ...left])].toSorted()).toEqual(some);
    return { copied, resent, left };
  }

  it('lose no message that the purge has copied and the redrive moves before the purge deletes it', async () => {
    await purge(interrupted('DeleteMessageBatchCommand', () => redrive(ops)));
    const { copied, resent, left } = await everyLetter();
    expect(copied.length).toBeGreaterThan(0);
    expect(resent).toHaveLength(some.length);
    expect(left).toEqual([]);
  });

  it('lose no message that the redrive has received and the purge deletes before the redrive sends it', async () => {
    await redrive(interrupted('SendMessageBatchCommand', () => purge(ops)));
    const { copied, resent, left } = await everyLetter();
    expect(copied).toHaveLength(some.length);
    expect(resent.length).toBeGreaterThan(0);
    expect(left).toEqual([]);
  });

  it('lose no message in any order', async () => {
    await Promise.all([purge(ops), redrive(ops)]);
    const { left } = await everyLetter();
    expect(left).toEqual([]);
  });
});
