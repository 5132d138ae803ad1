import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/local/clock.ts';
import { noJournal } from '../../../src/local/journal.ts';
import { eventQueue } from '../../../src/local/lambda/event-queue.ts';
import { startEventSource, type EventSource } from '../../../src/local/lambda/event-source.ts';
import { createLocalFunction, type LocalFunction } from '../../../src/local/lambda/function.ts';
import { createSqsModel, type SqsModel } from '../../../src/local/sqs/model.ts';
import type { QueueState } from '../../../src/local/sqs/queue.ts';
import { eventually } from '../../support/eventually.ts';

interface Entry {
  begin?: string[];
  end?: string[];
  pid: number;
}

let folder: string;
let sqs: SqsModel;
let queue: QueueState;
let fn: LocalFunction;
let source: EventSource | undefined;
let functionErrors: string[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-test-'));
  await writeFile(join(folder, 'diary'), '');
  sqs = createSqsModel({
    clock: systemClock,
    random: Math.random,
    journal: noJournal,
    region: 'us-east-1',
    accountId: '0',
  });
  queue = sqs.createQueue('q', { VisibilityTimeout: '600' }, {});
  functionErrors = [];
  source = undefined;
});
afterEach(async () => {
  await source?.stop();
  await fn.stop();
  await rm(folder, { recursive: true });
});

const diary = async () =>
  (await readFile(join(folder, 'diary'), 'utf8'))
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Entry);
const send = (...bodies: string[]) => bodies.map((body) => sqs.send(queue, { body }));
const untilSettled = () =>
  eventually('the queue is empty', () => Promise.resolve([...queue.all()].length === 0));

async function start({ concurrency = 1, batchSize = 10, timeoutSeconds = 60 } = {}): Promise<void> {
  const module = fileURLToPath(new URL('../../support/handlers/scripted.ts', import.meta.url));
  fn = createLocalFunction(
    { name: 'scripted', module, timeoutSeconds, logFolder: folder, env: { DIARY: join(folder, 'diary') } },
    concurrency,
  );
  await fn.ready();
  source = startEventSource({
    queue: eventQueue(sqs, noJournal, queue.arn, 'us-east-1'),
    function: fn,
    batchSize,
    onFunctionError: ({ kind }) => void functionErrors.push(kind),
    onError(error) {
      throw error;
    },
  });
}

describe('an event source', () => {
  it('invokes with at most a batch, and deletes what succeeded', async () => {
    send(...Array.from({ length: 25 }, (_, index) => String(index)));
    await start();
    await untilSettled();
    const begun = (await diary()).flatMap(({ begin }) => (begin === undefined ? [] : [begin]));
    expect(begun.map(({ length }) => length)).toEqual([10, 10, 5]);
    expect(begun.flat()).toEqual(Array.from({ length: 25 }, (_, index) => String(index)));
  });

  it('leaves a message that was reported as failed to its visibility timeout, and deletes its neighbours', async () => {
    const [, failed] = send('good', 'fail', 'good too');
    await start();
    await eventually('two are deleted', () => Promise.resolve([...queue.all()].length === 1));
    expect([...queue.all()]).toMatchObject([{ id: failed?.id, receiveCount: 1 }]);
    expect(queue.counts()).toEqual({ visible: 0, inFlight: 1, delayed: 0 });
    expect(functionErrors).toEqual([]);
  });

  it.each([
    ['throws', 'throw', 'error'],
    ['dies', 'die', 'died'],
    ['runs out of time', 'hang', 'timed out'],
  ])('gives the whole batch back when the function %s', async (_what, body, kind) => {
    send(body, 'neighbour');
    await start({ timeoutSeconds: 1 });
    await eventually('the batch comes again', () => Promise.resolve(functionErrors.length >= 2));
    expect(new Set(functionErrors)).toEqual(new Set([kind]));
    const begun = (await diary()).flatMap(({ begin }) => (begin === undefined ? [] : [begin]));
    expect(begun.slice(0, 2)).toEqual([
      [body, 'neighbour'],
      [body, 'neighbour'],
    ]);
    expect([...queue.all()].every(({ receiveCount }) => receiveCount >= 2)).toBe(true);
    const processes = new Set((await diary()).map(({ pid }) => pid));
    expect(processes.size > 1).toBe(kind !== 'error');
  });

  it('invokes a process once at a time, and receives nothing while all are busy', async () => {
    send(...Array.from({ length: 8 }, (_, index) => `slow ${index}`));
    await start({ concurrency: 2, batchSize: 1 });
    await eventually('two are at work', async () => (await diary()).length >= 2);
    expect(queue.counts().inFlight).toBeLessThanOrEqual(2);
    await untilSettled();
    const busy = new Set<number>();
    for (const { begin, pid } of await diary()) {
      expect(busy.has(pid)).toBe(begin === undefined);
      if (begin === undefined) busy.delete(pid);
      else busy.add(pid);
    }
    expect(new Set((await diary()).map(({ pid }) => pid)).size).toBe(2);
  });

  it('stops after the batches that are in flight, and takes no other', async () => {
    send('slow', 'slow');
    await start({ batchSize: 1 });
    await eventually('one is at work', async () => (await diary()).length > 0);
    await source?.stop();
    expect((await diary()).map(({ begin, end }) => begin ?? end)).toEqual([['slow'], ['slow']]);
    expect(queue.counts()).toEqual({ visible: 1, inFlight: 0, delayed: 0 });
  });
});

it('a function whose module cannot be loaded says so when it is started', async () => {
  fn = createLocalFunction(
    { name: 'broken', module: join(folder, 'nowhere.ts'), timeoutSeconds: 1, logFolder: folder, env: {} },
    1,
  );
  await expect(fn.ready()).rejects.toThrow(/broken did not start:[^]*nowhere\.ts/);
});
