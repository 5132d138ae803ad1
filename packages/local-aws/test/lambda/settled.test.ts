import { setImmediate } from 'node:timers/promises';
import type { SQSEvent } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import { noJournal } from '../../src/journal.ts';
import { eventQueue } from '../../src/lambda/event-queue.ts';
import { startEventSource } from '../../src/lambda/event-source.ts';
import type { Invoked } from '../../src/lambda/function-process.ts';
import { createFunctionPool } from '../../src/lambda/function.ts';
import { bodies, SECOND, setUp } from '../sqs/model.ts';
import { ANSWER, fakeProcesses } from './fake-process.ts';

/** An event source whose clock, queue and processes the test controls. */
function setUpSource({ concurrency = 1, batchSize = 10, flush = () => Promise.resolve() } = {}) {
  const { clock, sqs } = setUp();
  const queue = sqs.createQueue('q', { VisibilityTimeout: '600' }, {});
  const { start, started } = fakeProcesses();
  const errors: unknown[] = [];
  const functionErrors: [string, number][] = [];
  const source = startEventSource({
    queue: eventQueue(sqs, { ...noJournal, flush }, queue.arn, 'us-east-1'),
    function: createFunctionPool(start, concurrency),
    batchSize,
    onFunctionError: ({ kind }, records) => void functionErrors.push([kind, records]),
    onError: (error) => void errors.push(error),
  });
  const running = () => started.flatMap(({ invocations }) => invocations);
  return {
    clock,
    sqs,
    queue,
    source,
    errors,
    functionErrors,
    send: (...texts: string[]) => texts.map((body) => sqs.send(queue, { body })),
    /** Returns the batches that are being processed. */
    batches: async () => {
      for (let turn = 0; turn < 3; turn += 1) await setImmediate();
      return running().map(({ event }) => bodies((event as SQSEvent).Records));
    },
    /** Answers the oldest invocation. */
    async answer(invoked: Invoked = ANSWER) {
      started
        .find(({ invocations }) => invocations.length > 0)
        ?.invocations.shift()
        ?.answer(invoked);
      for (let turn = 0; turn < 3; turn += 1) await setImmediate();
    },
  };
}

const failedAnswer = (...ids: string[]): Invoked => ({
  kind: 'answer',
  value: { batchItemFailures: ids.map((itemIdentifier) => ({ itemIdentifier })) },
});

describe('a batch', () => {
  it('has at most its size, and its messages are deleted after the answer', async () => {
    const { send, batches, answer, queue } = setUpSource({ batchSize: 2 });
    send('a', 'b', 'c');
    expect(await batches()).toEqual([['a', 'b']]);
    expect(queue.counts()).toEqual({ visible: 1, inFlight: 2, delayed: 0 });
    await answer();
    expect(await batches()).toEqual([['c']]);
    expect(queue.counts()).toEqual({ visible: 0, inFlight: 1, delayed: 0 });
  });

  it('leaves the messages that failed hidden for their visibility timeout', async () => {
    const { clock, send, batches, answer, queue } = setUpSource();
    const [, failed] = send('a', 'b');
    await batches();
    await answer(failedAnswer(failed?.id ?? ''));
    expect(bodies(queue.all())).toEqual(['b']);
    clock.advance(600 * SECOND - 1);
    expect(await batches()).toEqual([]);
    clock.advance(1);
    expect(await batches()).toEqual([['b']]);
  });

  it.each(['error', 'died', 'timed out'] as const)(
    'returns as a whole after a function error (%s), a second later each time',
    async (kind) => {
      const { clock, send, batches, answer, functionErrors } = setUpSource();
      send('a', 'b');
      for (const seconds of [1, 2, 3]) {
        expect(await batches()).toEqual([['a', 'b']]);
        await answer({ kind, message: 'x' });
        clock.advance(seconds * SECOND - 1);
        expect(await batches()).toEqual([]);
        clock.advance(1);
      }
      expect(functionErrors).toEqual([
        [kind, 2],
        [kind, 2],
        [kind, 2],
      ]);
    },
  );

  it('waits as long as its most received message', async () => {
    const { clock, sqs, queue, send, batches, answer } = setUpSource();
    send('old');
    sqs.receive(queue, 1, 0);
    send('new');
    expect(await batches()).toEqual([['old', 'new']]);
    await answer({ kind: 'error', message: 'x' });
    clock.advance(2 * SECOND - 1);
    expect(await batches()).toEqual([]);
    clock.advance(1);
    expect(await batches()).toEqual([['old', 'new']]);
  });

  it('is invoked once its receives are on disk, and settled before the next write', async () => {
    const steps: string[] = [];
    const writes: (() => void)[] = [];
    const { send, batches, answer, queue } = setUpSource({
      flush: () => {
        steps.push(`write with ${[...queue.all()].length} messages`);
        return new Promise<void>((resolve) => void writes.push(resolve));
      },
    });
    send('a');
    expect(await batches()).toEqual([]);
    expect(steps).toEqual(['write with 1 messages']);
    writes.shift()?.();
    expect(await batches()).toEqual([['a']]);
    await answer();
    expect(steps).toEqual(['write with 1 messages', 'write with 0 messages']);
  });

  it('whose receives cannot be written is not invoked, and its process serves the next', async () => {
    const full = new Error('no space is left');
    let isFull = true;
    const flush = () => (isFull ? Promise.reject(full) : Promise.resolve());
    const { send, batches, errors } = setUpSource({ flush });
    send('a');
    expect(await batches()).toEqual([]);
    expect(errors).toEqual([full]);
    isFull = false;
    send('b');
    expect(await batches()).toEqual([['b']]);
  });
});

describe('an event source', () => {
  it('receives only as many batches as there are processes', async () => {
    const { send, batches, answer, queue } = setUpSource({ concurrency: 2, batchSize: 1 });
    send('a', 'b', 'c');
    expect(await batches()).toEqual([['a'], ['b']]);
    expect(queue.visible()).toBe(1);
    await answer();
    expect(await batches()).toEqual([['c'], ['b']]);
  });

  it('keeps no process while another consumer has the messages', async () => {
    const { sqs, send, batches, answer, queue, source } = setUpSource();
    send('a');
    await batches();
    send('b');
    await batches();
    sqs.receive(queue, 1);
    await answer();
    expect(await batches()).toEqual([]);
    send('c');
    expect(await batches()).toEqual([['c']]);
    await answer();
    await source.stop();
  });

  it('stops once the batches in flight are settled, and receives no more', async () => {
    const { send, batches, answer, queue, source } = setUpSource({ batchSize: 1 });
    send('a', 'b');
    await batches();
    let stopped = false;
    const stopping = source.stop().then(() => (stopped = true));
    expect([await batches(), stopped]).toEqual([[['a']], false]);
    await answer();
    await stopping;
    expect(queue.counts()).toEqual({ visible: 1, inFlight: 0, delayed: 0 });
    expect(await batches()).toEqual([]);
  });

  it('that waits for messages stops at once', async () => {
    const { send, batches, source } = setUpSource();
    await batches();
    await source.stop();
    send('a');
    expect(await batches()).toEqual([]);
  });
});
