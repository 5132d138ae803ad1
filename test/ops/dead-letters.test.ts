import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DeleteObjectCommand, PutObjectCommand, S3ServiceException } from '@aws-sdk/client-s3';
import { ChangeMessageVisibilityCommand, GetQueueAttributesCommand, type Message } from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { archiveDeadLetters } from '../../src/ops/dead-letters/archive.ts';
import { readCopyFile } from '../../src/cli/redrive/copy-file.ts';
import { exportDeadLetters, purgeDeadLetters } from '../../src/ops/dead-letters/export.ts';
import type { Polling } from '../../src/ops/dead-letters/reader.ts';
import { takeDeadLetters } from '../../src/ops/dead-letters/take.ts';
import type { OpsContext } from '../../src/ops/context.ts';
import { listArchive } from '../../src/ops/dead-letters/archive.ts';
import { KEYS, keysOf, listed, sendLetters } from '../support/dead-letters.ts';
import { eventually } from '../support/eventually.ts';
import { before, failing } from '../support/failing.ts';
import { letterOf, opsOf, sendAll } from '../support/ops.ts';
import { countMessages, listKeys, read } from '../support/pipeline.ts';
import { ARCHIVE_PREFIX } from '../../src/core/reserved-prefixes.ts';
import { startBench, type Bench } from '../support/worker.ts';

let bench: Bench;
let ops: OpsContext;
let folder: string;
let queue: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-test-'));
  bench = await startBench();
  ops = opsOf(bench);
  queue = ops.deployment.deadLetterQueueUrl;
});
afterEach(async () => {
  await bench.stop();
  await rm(folder, { recursive: true, force: true });
});

async function visible(): Promise<number> {
  const { Attributes = {} } = await ops.sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: queue, AttributeNames: ['ApproximateNumberOfMessages'] }),
  );
  return Number(Attributes.ApproximateNumberOfMessages);
}

describe('a dead letter that is delivered again while it is removed from its queue', () => {
  /** Makes it visible again, as if it was hidden for too long. */
  const show = (ReceiptHandle = '') =>
    ops.sqs.send(
      new ChangeMessageVisibilityCommand({ QueueUrl: queue, ReceiptHandle, VisibilityTimeout: 0 }),
    );

  /** Makes it visible again until another lane has received it. */
  async function comeRound(receiptHandle?: string): Promise<void> {
    await show(receiptHandle);
    await eventually('another lane has received it', async () => (await visible()) === 0);
  }

  /** Wraps a command's requests. `ask` sends the request and returns SQS's response. */
  function around<T>(command: string, wrap: (ask: () => Promise<T>) => Promise<T>): void {
    ops.sqs.middlewareStack.add(
      (next, { commandName }) =>
        async (args) => {
          if (commandName !== command) return next(args);
          let answer: Awaited<ReturnType<typeof next>> | undefined;
          const output = await wrap(async () => {
            answer = await next(args);
            return answer.output as T;
          });
          return { ...answer, output } as never;
        },
      { step: 'initialize' },
    );
  }

  /** Removes all dead letters with two lanes. */
  async function take(
    duringSettling: (receiptHandle: string) => Promise<void>,
    { polls = 'long', keys = ['a.jpg'] }: { polls?: Polling; keys?: string[] } = {},
  ) {
    await sendAll(
      ops,
      queue,
      keys.map((key) => letterOf(key, 'image.corrupt')),
    );
    const handled: string[] = [];
    const { taken, notDeleted } = await takeDeadLetters(ops, {
      filter: {},
      pollers: 2,
      polls,
      async handle(letters) {
        handled.push(...keysOf(letters));
        await duringSettling(letters[0]?.receiptHandle ?? '');
        return new Set(letters.map(({ id }) => id));
      },
    });
    return {
      handled,
      taken,
      notDeleted,
      left: await countMessages(ops.sqs, queue),
      visible: await visible(),
    };
  }

  const TAKEN_ONCE = { handled: ['a.jpg'], taken: 1, notDeleted: 0, left: 0, visible: 0 };

  it('before its deletion, is deleted with its new receipt', async () => {
    expect(await take(comeRound)).toEqual(TAKEN_ONCE);
  });

  interface Deletion {
    Failed?: { Id: string }[];
  }

  /** Redelivers the first message while SQS deletes it. SQS refuses what `refuses` says, by the number of the request. */
  function redeliverDuringDeletion(refuses: (request: number) => boolean = () => false) {
    let receipt: string | undefined;
    let requests = 0;
    around<Deletion>('DeleteMessageBatchCommand', async (ask) => {
      const first = receipt;
      receipt = undefined;
      if (first !== undefined) await comeRound(first);
      return refuses((requests += 1)) ? { Failed: [{ Id: 'any' }] } : ask();
    });
    return async (first: string) => void (receipt = first);
  }

  it('during its deletion, is deleted again', async () => {
    expect(await take(redeliverDuringDeletion())).toEqual(TAKEN_ONCE);
  });

  it('during its deletion with others, is deleted again', async () => {
    const keys = ['a.jpg', 'b.jpg', 'c.jpg'];
    expect(await take(redeliverDuringDeletion(), { keys })).toEqual({
      handled: keys,
      taken: 3,
      notDeleted: 0,
      left: 0,
      visible: 0,
    });
  });

  it('during its deletion, and is not deleted the second time, is counted and visible again', async () => {
    expect(await take(redeliverDuringDeletion((request) => request === 2))).toEqual({
      handled: ['a.jpg'],
      taken: 1,
      notDeleted: 1,
      left: 1,
      visible: 1,
    });
  });

  /** Redelivers the message after SQS has reported its deletion. */
  function redeliverAfterDeletion(refuses: (request: number) => boolean = () => false) {
    let holding: Promise<void> | undefined;
    let release: () => void = () => undefined;
    let requests = 0;
    around<{ Messages?: unknown[] }>('ReceiveMessageCommand', async (ask) => {
      const answer = await ask();
      if (answer.Messages !== undefined) await holding;
      return answer;
    });
    around<Deletion>('DeleteMessageBatchCommand', async (ask) => {
      const answer = refuses((requests += 1)) ? { Failed: [{ Id: 'any' }] } : await ask();
      release();
      return answer;
    });
    return async (first: string) => {
      holding = new Promise((resolve) => (release = resolve));
      await comeRound(first);
    };
  }

  it('and is received after its deletion, is deleted again', async () => {
    expect(await take(redeliverAfterDeletion())).toEqual(TAKEN_ONCE);
  });

  it('and is received after its deletion, and is not deleted the second time, is counted and visible again', async () => {
    expect(await take(redeliverAfterDeletion((request) => request === 2))).toEqual({
      handled: ['a.jpg'],
      taken: 1,
      notDeleted: 1,
      left: 1,
      visible: 1,
    });
  });

  it('and is received in the wrong order, is deleted with its new receipt', async () => {
    let release: () => void = () => undefined;
    let heard: () => void = () => undefined;
    const settling = new Promise<void>((resolve) => (release = resolve));
    const bothHeard = new Promise<void>((resolve) => (heard = resolve));
    let shown: () => void = () => undefined;
    const again = new Promise<void>((resolve) => (shown = resolve));
    let first: string | undefined;
    around<{ Messages?: { ReceiptHandle?: string }[] }>('ReceiveMessageCommand', async (ask) => {
      // The lane that received the response late sends another request.
      if (first === 'heard') heard();
      const answer = await ask();
      const receipt = answer.Messages?.[0]?.ReceiptHandle;
      if (receipt === undefined && first !== 'heard') {
        await again;
        return ask();
      }
      if (receipt === undefined || first !== undefined) return answer;
      first = receipt;
      await show(receipt);
      shown();
      await settling;
      first = 'heard';
      return answer;
    });
    // With long polls, it would be received once more and then deleted.
    const taken = await take(
      async () => {
        release();
        await bothHeard;
      },
      { polls: 'short' },
    );
    expect(taken).toEqual(TAKEN_ONCE);
  });
});

describe('an export', () => {
  it('contains the matching dead letters, and can be read back', async () => {
    await sendLetters(ops);
    const file = join(folder, 'copies.jsonl');
    expect(await exportDeadLetters(ops, { code: 'process.died', prefix: 'photos/7' }, file)).toBe(10);
    const copies = await readCopyFile(file);
    expect(keysOf(copies)).toEqual(KEYS.slice(70, 80).toSorted());
    expect(await visible()).toBe(KEYS.length + 1);
  });

  it('never overwrites a file, which may contain the only copies', async () => {
    const file = join(folder, 'copies.jsonl');
    await writeFile(file, 'precious');
    await expect(exportDeadLetters(ops, {}, file)).rejects.toMatchObject({ code: 'EEXIST' });
    await expect(purgeDeadLetters(ops, {}, file)).rejects.toMatchObject({ code: 'EEXIST' });
    expect(await readFile(file, 'utf8')).toBe('precious');
  });

  it('whose process was killed within a line is read up to that line', async () => {
    await sendLetters(ops);
    const file = join(folder, 'copies.jsonl');
    await exportDeadLetters(ops, {}, file);
    const text = await readFile(file, 'utf8');
    await writeFile(file, text.slice(0, -20));
    expect(await readCopyFile(file)).toHaveLength(KEYS.length);
  });
});

describe('a purge', () => {
  it('deletes the matching dead letters, each with its copy, and leaves the others visible', async () => {
    await sendLetters(ops);
    const file = join(folder, 'purged.jsonl');
    expect(await purgeDeadLetters(ops, { code: 'image.corrupt' }, file)).toEqual({
      taken: 60,
      notDeleted: 0,
      unseen: 0,
    });
    expect(keysOf(await readCopyFile(file))).toEqual(KEYS.slice(0, 60).toSorted());
    expect(keysOf(await listed(ops))).toEqual(KEYS.slice(60).toSorted());
    expect(await visible()).toBe(36);
  });

  it('that is stopped deletes no more', async () => {
    await sendLetters(ops);
    const purged = await purgeDeadLetters(ops, {}, join(folder, 'purged.jsonl'), AbortSignal.abort());
    expect(purged).toMatchObject({ taken: 0 });
    expect(await visible()).toBe(KEYS.length + 1);
  });

  it('deletes no message that could not be copied', async () => {
    await sendLetters(ops);
    const handle = () => Promise.reject(new Error('no space left on the disk'));
    await expect(takeDeadLetters(ops, { filter: {}, pollers: 4, handle })).rejects.toThrow('no space left');
    expect(await visible()).toBe(KEYS.length + 1);
  });

  it('counts messages that SQS refused to delete, and leaves them visible', async () => {
    await sendAll(
      ops,
      queue,
      KEYS.slice(0, 10).map((key) => letterOf(key, 'image.corrupt')),
    );
    ops.sqs.middlewareStack.add(
      (next, { commandName }) =>
        (args) => {
          if (commandName === 'DeleteMessageBatchCommand')
            (args.input as { Entries: { ReceiptHandle?: string }[] }).Entries.slice(0, 3).forEach(
              (entry) => void (entry.ReceiptHandle = 'no handle'),
            );
          return next(args);
        },
      { step: 'initialize' },
    );
    const taken = await purgeDeadLetters(ops, {}, join(folder, 'purged.jsonl'));
    expect(taken).toEqual({ taken: 10, notDeleted: 3, unseen: 0 });
    expect(await visible()).toBe(3);
  });
});

describe('the expiry guard', () => {
  it('moves exactly the old dead letters, complete, to the failure bucket', async () => {
    await sendLetters(ops);
    const sent = (await listed(ops)).map(({ sentAt }) => sentAt.getTime());
    expect(await archiveDeadLetters(ops, 3600)).toEqual({
      taken: 0,
      notDeleted: 0,
      unseen: 0,
      oldestLeft: new Date(Math.min(...sent)),
    });
    expect(await archiveDeadLetters(ops, 0)).toEqual({ taken: KEYS.length + 1, notDeleted: 0, unseen: 0 });
    expect(await visible()).toBe(0);
    const archived = [];
    for await (const copy of listArchive(ops)) archived.push(copy);
    expect(keysOf(archived)).toEqual(KEYS.toSorted());
    expect(archived.find(({ body }) => body === 'junk')).toMatchObject({ code: 'notification.malformed' });
  });

  it('is not blocked by an upload that failed under a key in the archive', async () => {
    await sendLetters(ops);
    await archiveDeadLetters(ops, 0);
    const stranger = { Bucket: 'failures', Key: '.millrace/archive/x.json', Body: '{"version":1}' };
    await ops.s3.send(new PutObjectCommand(stranger));
    const archived = [];
    for await (const copy of listArchive(ops)) archived.push(copy);
    expect(archived).toHaveLength(KEYS.length + 1);
  });

  it('reports when the oldest dead letter that it leaves was sent, in whichever order it sees them', async () => {
    const ages = [2, 3, 1];
    await sendAll(
      ops,
      queue,
      ages.map((age) => letterOf(`${age}`, 'image.corrupt')),
    );
    const now = Date.now();
    const sentAt = (age: number) => now - age * 60_000;
    ops.sqs.middlewareStack.add(
      (next, { commandName }) =>
        async (args) => {
          const answer = await next(args);
          if (commandName !== 'ReceiveMessageCommand') return answer;
          for (const { Body = '', Attributes = {} } of (answer.output as { Messages?: Message[] }).Messages ??
            [])
            Attributes.SentTimestamp = String(sentAt(Number((JSON.parse(Body) as { key: string }).key)));
          return answer;
        },
      { step: 'initialize' },
    );
    expect(await archiveDeadLetters(ops, 3600, now)).toMatchObject({
      taken: 0,
      oldestLeft: new Date(sentAt(3)),
    });
    expect(await archiveDeadLetters(ops, 150, now)).toMatchObject({
      taken: 1,
      oldestLeft: new Date(sentAt(2)),
    });
  });

  it('does not delete a dead letter if S3 refused its copy', async () => {
    await sendAll(ops, queue, [letterOf('a.jpg', 'image.corrupt')]);
    // Another write of the key is in progress, which may fail.
    const conflict = new S3ServiceException({
      name: 'ConditionalRequestConflict',
      $fault: 'client',
      $metadata: { httpStatusCode: 409 },
    });
    failing(ops.s3, 'PutObjectCommand', conflict, { times: 1 });
    await expect(archiveDeadLetters(ops, 0)).rejects.toThrow(conflict);
    expect(await visible()).toBe(1);
  });

  it('does not overwrite a copy of the same dead letter', async () => {
    await sendAll(ops, queue, [letterOf('a.jpg', 'image.corrupt')]);
    const [id = ''] = (await listed(ops)).map((letter) => letter.id);
    const Key = `${ARCHIVE_PREFIX}${id}.json`;
    await ops.s3.send(new PutObjectCommand({ Bucket: 'failures', Key, Body: 'the first copy' }));
    expect(await archiveDeadLetters(ops, 0)).toMatchObject({ taken: 1 });
    expect((await read(ops.s3, 'failures', Key))?.bytes.toString()).toBe('the first copy');
  });

  it('stores each copy as JSON under the message id', async () => {
    await sendAll(ops, queue, [letterOf('a.jpg', 'image.corrupt')]);
    const [id = ''] = (await listed(ops)).map((letter) => letter.id);
    await archiveDeadLetters(ops, 0);
    const stored = await read(ops.s3, 'failures', `${ARCHIVE_PREFIX}${id}.json`);
    expect(stored?.contentType).toBe('application/json');
    expect(JSON.parse(stored?.bytes.toString() ?? '')).toMatchObject({
      id,
      code: 'image.corrupt',
      attempts: 1,
    });
  });

  it('that died between storing and deleting repeats both', async () => {
    await sendLetters(ops);
    failing(ops.sqs, 'DeleteMessageBatchCommand', new Error('died'), { times: 1 });
    await expect(archiveDeadLetters(ops, 0)).rejects.toThrow('died');
    expect(await visible()).toBe(KEYS.length + 1);
    await archiveDeadLetters(ops, 0);
    expect(await visible()).toBe(0);
  });
});

describe('the archive', () => {
  async function archived(): Promise<string[]> {
    const keys: string[] = [];
    for await (const { objects } of listArchive(ops)) keys.push(...objects.map(({ key }) => key));
    return keys.toSorted();
  }

  beforeEach(async () => {
    await sendAll(
      ops,
      queue,
      ['a.jpg', 'b.jpg'].map((key) => letterOf(key, 'image.corrupt')),
    );
    await archiveDeadLetters(ops, 0);
  });

  it('that cannot be read is not taken for an empty one', async () => {
    failing(ops.s3, 'GetObjectCommand', new Error('denied'));
    await expect(archived()).rejects.toThrow('denied');
  });

  it('may be emptied by another process while it is listed', async () => {
    const Key = (await listKeys(ops.s3, 'failures')).find((key) => key.startsWith(ARCHIVE_PREFIX));
    before(ops.s3, 'GetObjectCommand', { Key }, () =>
      ops.s3.send(new DeleteObjectCommand({ Bucket: 'failures', Key })),
    );
    expect(await archived()).toHaveLength(1);
  });
});
