import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DeleteMessageCommand, ReceiveMessageCommand, type Message } from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ARCHIVE_PREFIX } from '../../src/core/reserved-prefixes.ts';
import type { OpsContext } from '../../src/ops/context.ts';
import { archiveDeadLetters } from '../../src/ops/dead-letters/archive.ts';
import { copyOf, type DeadLetterCopy } from '../../src/ops/dead-letters/copy.ts';
import { listDeadLetters } from '../../src/ops/dead-letters/list.ts';
import { purgeDeadLetters } from '../../src/ops/dead-letters/export.ts';
import { fromArchive, fromCopies, fromQueue, type Move, type Source } from '../../src/ops/redrive/choose.ts';
import { refusing } from '../support/failing.ts';
import { letterOf, opsOf, sendAll } from '../support/ops.ts';
import { countMessages, listKeys } from '../support/pipeline.ts';
import { startBench, type Bench } from '../support/worker.ts';

const KEYS = Array.from({ length: 20 }, (_, index) => `photos/${String(index).padStart(2, '0')}.jpg`);

let bench: Bench;
let ops: OpsContext;
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-test-'));
  bench = await startBench();
  ops = opsOf(bench);
  await sendAll(
    ops,
    ops.deployment.deadLetterQueueUrl,
    KEYS.map((key) => letterOf(key, 'process.died')),
  );
});
afterEach(async () => {
  await bench.stop();
  await rm(folder, { recursive: true });
});

async function copies(): Promise<DeadLetterCopy[]> {
  const all: DeadLetterCopy[] = [];
  for await (const letter of listDeadLetters(ops)) all.push(copyOf(letter, 60));
  return all;
}

/** Purges the dead letters of the keys with a prefix. */
const purge = (prefix: string) => purgeDeadLetters(ops, { prefix }, join(folder, 'purged.jsonl'));

const SOURCES: Record<string, () => Promise<Source>> = {
  'the queue': async () => fromQueue(ops, {}),
  copies: async () => fromCopies(ops, await copies()),
  'copies of which half were purged': async () => {
    const source = fromCopies(ops, await copies());
    await purge('photos/0');
    return source;
  },
  'copies that were all purged': async () => {
    const source = fromCopies(ops, await copies());
    await purge('');
    return source;
  },
  'the archive': async () => {
    await archiveDeadLetters(ops, 0);
    return fromArchive(ops, {});
  },
};

/** Moves messages of a source, and returns what was moved and refused. */
async function move(source: Source, options: Partial<Move> = {}) {
  const moved: string[] = [];
  const refused: string[] = [];
  await source.move({
    redrive: 'the-redrive',
    stop: new AbortController().signal,
    onRefused: (id) => void refused.push(id),
    ...options,
    onMoved(letter, newId) {
      moved.push(letter.objects[0]?.key ?? '');
      options.onMoved?.(letter, newId);
    },
  });
  return { moved, refused };
}

/** Returns the keys of the messages in the retry queue, and removes them. */
async function retried(): Promise<string[]> {
  const QueueUrl = ops.deployment.retryQueueUrl;
  const all: Message[] = [];
  for (;;) {
    const { Messages = [] } = await ops.sqs.send(
      new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }),
    );
    if (Messages.length === 0)
      return all.map(({ Body = '' }) => (JSON.parse(Body) as { key: string }).key).toSorted();
    all.push(...Messages);
    for (const { ReceiptHandle } of Messages)
      await ops.sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
  }
}

describe.each(Object.entries(SOURCES))('a redrive from %s', (_name, open) => {
  it('moves each message once, and leaves nothing', async () => {
    const source = await open();
    const { moved } = await move(source);
    expect(moved.toSorted()).toEqual(KEYS);
    expect(await retried()).toEqual(KEYS);
    expect(await countMessages(ops.sqs, ops.deployment.deadLetterQueueUrl)).toBe(0);
    expect((await listKeys(ops.s3, 'failures')).filter((key) => key.startsWith(ARCHIVE_PREFIX))).toEqual([]);
    expect(await move(source)).toEqual({ moved: [], refused: [] });
  });

  it.each([7, 15])('moves at most its limit (%i), such as its canary, and then the rest', async (limit) => {
    const source = await open();
    const { moved } = await move(source, { limit });
    expect(moved).toHaveLength(limit);
    expect(await retried()).toEqual(moved.toSorted());
    const { moved: rest } = await move(source);
    expect([...moved, ...rest].toSorted()).toEqual(KEYS);
  });

  it('counts only what SQS accepts toward its limit', async () => {
    const source = await open();
    refusing(ops.sqs, 'SendMessageBatchCommand', 1, { times: 2 });
    const { moved, refused } = await move(source, { limit: 12 });
    expect(moved).toHaveLength(12);
    expect(refused).toHaveLength(2);
    expect(await retried()).toEqual(moved.toSorted());
  });

  it('moves nothing more once it is stopped', async () => {
    const source = await open();
    const stop = new AbortController();
    const { moved } = await move(source, {
      // One request at a time, which is completed.
      pace: { portion: 5, before: () => Promise.resolve() },
      stop: stop.signal,
      onMoved: () => stop.abort(),
    });
    expect(moved.length).toBeGreaterThan(0);
    expect(moved.length).toBeLessThanOrEqual(5);
    expect(await retried()).toEqual(moved.toSorted());
    expect(await move(source, { stop: stop.signal })).toEqual({ moved: [], refused: [] });
  });

  it('asks its pace for every message, in portions', async () => {
    const source = await open();
    const asked: number[] = [];
    const pace = { portion: 3, before: async (count: number) => void asked.push(count) };
    await move(source, { pace });
    expect(Math.max(...asked)).toBeLessThanOrEqual(3);
    expect(asked.reduce((sum, count) => sum + count, 0)).toBe(KEYS.length);
  });
});
