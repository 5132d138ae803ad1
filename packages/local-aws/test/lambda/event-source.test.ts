import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createClock } from '../../src/clock.ts';
import { noJournal } from '../../src/journal.ts';
import { eventQueue } from '../../src/lambda/event-queue.ts';
import { startEventSource, type EventSource } from '../../src/lambda/event-source.ts';
import { createLocalFunction, type LocalFunction } from '../../src/lambda/function.ts';
import { createSqsModel, type SqsModel } from '../../src/sqs/model.ts';
import type { QueueState } from '../../src/sqs/queue.ts';
import { handlerFile } from '../../../../test/support/handler-file.ts';
import { eventually } from '../../../../test/support/eventually.ts';

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
let errors: unknown[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-test-'));
  await writeFile(join(folder, 'diary'), '');
  sqs = createSqsModel({
    clock: createClock(),
    random: Math.random,
    journal: noJournal,
    region: 'us-east-1',
    accountId: '0',
  });
  queue = sqs.createQueue('q', { VisibilityTimeout: '600' }, {});
  functionErrors = [];
  errors = [];
  source = undefined;
});
afterEach(async () => {
  await source?.stop();
  await fn.stop();
  await rm(folder, { recursive: true });
  expect(errors).toEqual([]);
});

const diary = async () =>
  (await readFile(join(folder, 'diary'), 'utf8'))
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Entry);
const send = (...bodies: string[]) => bodies.map((body) => sqs.send(queue, { body }));
const openGate = () => writeFile(join(folder, 'gate'), '');
const untilSettled = () =>
  eventually('the queue is empty', () => Promise.resolve([...queue.all()].length === 0));

async function start({
  concurrency = 1,
  batchSize = 10,
  timeoutSeconds = 60,
  journal = noJournal,
} = {}): Promise<void> {
  const module = handlerFile('scripted');
  fn = createLocalFunction(
    {
      name: 'scripted',
      module,
      runtime: handlerFile('runtime'),
      timeoutSeconds,
      logFolder: folder,
      env: { DIARY: join(folder, 'diary'), GATE: join(folder, 'gate') },
    },
    concurrency,
  );
  await fn.ready();
  source = startEventSource({
    queue: eventQueue(sqs, journal, queue.arn, 'us-east-1'),
    function: fn,
    batchSize,
    onFunctionError: ({ kind }) => void functionErrors.push(kind),
    onError: (error) => void errors.push(error),
  });
}

describe('an event source', () => {
  it('invokes with at most one batch, and deletes the messages that succeeded', async () => {
    send(...Array.from({ length: 25 }, (_, index) => String(index)));
    await start();
    await untilSettled();
    const begun = (await diary()).flatMap(({ begin }) => (begin === undefined ? [] : [begin]));
    expect(begun.map(({ length }) => length)).toEqual([10, 10, 5]);
    expect(begun.flat()).toEqual(Array.from({ length: 25 }, (_, index) => String(index)));
  });

  it('leaves failed messages to their visibility timeout, and deletes the others in the batch', async () => {
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
    ['times out', 'hang', 'timed out'],
  ])('returns the whole batch to the queue if the function %s', async (_what, body, kind) => {
    send(body, 'neighbour');
    await start({ timeoutSeconds: body === 'hang' ? 5 : 60 });
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

  it('invokes each process once at a time, and receives no messages while all are busy', async () => {
    send(...Array.from({ length: 8 }, (_, index) => `wait ${index}`));
    await start({ concurrency: 2, batchSize: 1 });
    await eventually('two are at work', async () => (await diary()).length >= 2);
    send('another');
    expect(queue.counts()).toEqual({ visible: 7, inFlight: 2, delayed: 0 });
    await openGate();
    await untilSettled();
    const busy = new Set<number>();
    for (const { begin, pid } of await diary()) {
      expect(busy.has(pid)).toBe(begin === undefined);
      if (begin === undefined) busy.delete(pid);
      else busy.add(pid);
    }
    expect(new Set((await diary()).map(({ pid }) => pid)).size).toBe(2);
  });

  it('processes messages that are sent while it waits', async () => {
    await start();
    send('a');
    await untilSettled();
    send('b');
    await untilSettled();
    expect((await diary()).map(({ begin, end }) => begin ?? end)).toEqual([['a'], ['a'], ['b'], ['b']]);
  });

  it('leaves messages that always fail to the redrive policy', async () => {
    const dead = sqs.createQueue('dead', {}, {});
    const policy = JSON.stringify({ deadLetterTargetArn: dead.arn, maxReceiveCount: 2 });
    sqs.setAttributes(queue, { RedrivePolicy: policy });
    const [poison] = send('die');
    await start();
    await eventually('it is a dead letter', () => Promise.resolve(dead.visible() === 1));
    expect([...dead.all()]).toMatchObject([{ id: poison?.id, receiveCount: 2 }]);
    expect(functionErrors).toEqual(['died', 'died']);
  });

  it('stops after the batches in flight, without receiving more', async () => {
    send('wait', 'wait');
    await start({ batchSize: 1 });
    await eventually('one is at work', async () => (await diary()).length > 0);
    const stopped = source?.stop().then(() => queue.counts());
    await openGate();
    expect(await stopped).toEqual({ visible: 1, inFlight: 0, delayed: 0 });
    expect((await diary()).map(({ begin, end }) => begin ?? end)).toEqual([['wait'], ['wait']]);
    send('more');
    expect(queue.counts()).toEqual({ visible: 2, inFlight: 0, delayed: 0 });
  });

  it('processes the next batch even if it could not journal a receive', async () => {
    const full = new Error('the disk is full');
    let flushes = 0;
    const flush = () => ((flushes += 1) === 1 ? Promise.reject(full) : Promise.resolve());
    send('unlucky');
    await start({ batchSize: 1, journal: { ...noJournal, flush } });
    await eventually('it is told', () => Promise.resolve(errors.length > 0));
    expect(errors.splice(0)).toEqual([full]);
    const [next] = send('next');
    await eventually('the next is settled', () =>
      Promise.resolve(![...queue.all()].some(({ id }) => id === next?.id)),
    );
    expect((await diary()).map(({ begin, end }) => begin ?? end)).toEqual([['next'], ['next']]);
    expect(queue.counts()).toEqual({ visible: 0, inFlight: 1, delayed: 0 });
  });

  it('stops immediately while it waits for messages', async () => {
    await start();
    await source?.stop();
    send('a');
    expect(queue.counts()).toEqual({ visible: 1, inFlight: 0, delayed: 0 });
  });
});
