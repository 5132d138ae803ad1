import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { noJournal, openJournal } from '../../../src/local/journal.ts';
import { seededRandom } from '../../../src/local/random.ts';
import { createSqsModel, type SqsModelOptions } from '../../../src/local/sqs/model.ts';
import { fakeClock } from '../../support/fake-clock.ts';

function setUp(options: Partial<SqsModelOptions> = {}) {
  const clock = fakeClock();
  const shared = {
    clock,
    random: seededRandom(1),
    journal: noJournal,
    region: 'us-east-1',
    accountId: '000000000000',
  };
  return { clock, sqs: createSqsModel({ ...shared, ...options }) };
}

const SECOND = 1000;
const arn = (name: string) => `arn:aws:sqs:us-east-1:000000000000:${name}`;
const redrive = (maxReceiveCount: number) => ({
  RedrivePolicy: JSON.stringify({ deadLetterTargetArn: arn('dead'), maxReceiveCount }),
});

describe('a received message', () => {
  it('is hidden for its visibility timeout, then received again under another handle', () => {
    const { clock, sqs } = setUp();
    const queue = sqs.createQueue('q', { VisibilityTimeout: '10' }, {});
    sqs.send(queue, { body: 'a' });
    const [first] = sqs.receive(queue, 10);
    expect([first?.receiveCount, sqs.receive(queue, 10)]).toEqual([1, []]);
    clock.advance(10 * SECOND - 1);
    expect(sqs.receive(queue, 10)).toEqual([]);
    clock.advance(1);
    const [second] = sqs.receive(queue, 10);
    expect([second?.receiveCount, second?.firstReceivedAt]).toEqual([2, first?.firstReceivedAt]);
    sqs.delete(queue, first?.receipt ?? '');
    expect(queue.counts()).toEqual({ visible: 0, inFlight: 1, delayed: 0 });
    sqs.delete(queue, second?.receipt ?? '');
    expect(queue.counts()).toEqual({ visible: 0, inFlight: 0, delayed: 0 });
  });

  it('can be hidden for longer, or given back at once', () => {
    const { clock, sqs } = setUp();
    const queue = sqs.createQueue('q', { VisibilityTimeout: '10' }, {});
    sqs.send(queue, { body: 'a' });
    const [message] = sqs.receive(queue, 1);
    sqs.changeVisibility(queue, message?.receipt ?? '', 60);
    clock.advance(59 * SECOND);
    expect(queue.visible()).toBe(0);
    clock.advance(SECOND);
    const [again] = sqs.receive(queue, 1);
    sqs.changeVisibility(queue, again?.receipt ?? '', 0);
    expect(queue.visible()).toBe(1);
    expect(() => sqs.changeVisibility(queue, again?.receipt ?? '', 5)).toThrow('not in flight');
  });

  it('is never received twice by one request, not even with a visibility timeout of 0', () => {
    const { sqs } = setUp();
    const queue = sqs.createQueue('q', {}, {});
    sqs.send(queue, { body: 'a' });
    expect(sqs.receive(queue, 10, 0)).toHaveLength(1);
    expect(sqs.receive(queue, 10, 0)).toHaveLength(1);
  });
});

describe('a queue', () => {
  it('gives the oldest first, delays what is to be delayed, and forgets what is too old', () => {
    const { clock, sqs } = setUp();
    const queue = sqs.createQueue('q', { DelaySeconds: '5', MessageRetentionPeriod: '60' }, {});
    sqs.send(queue, { body: 'by default' });
    sqs.send(queue, { body: 'at once', delaySeconds: 0 });
    sqs.send(queue, { body: 'late', delaySeconds: 900 });
    expect(queue.counts()).toEqual({ visible: 1, inFlight: 0, delayed: 2 });
    clock.advance(5 * SECOND);
    expect(sqs.receive(queue, 10).map(({ body }) => body)).toEqual(['at once', 'by default']);
    clock.advance(60 * SECOND);
    expect(queue.counts()).toEqual({ visible: 0, inFlight: 0, delayed: 0 });
  });

  it('wakes who waits: for a message, for the end of a delay or of a visibility timeout, and not after an abort', async () => {
    const { clock, sqs } = setUp();
    const queue = sqs.createQueue('q', { VisibilityTimeout: '30' }, {});
    const woken: string[] = [];
    const wait = async (name: string, signal = new AbortController().signal, milliseconds?: number) => {
      await queue.waitForVisible(signal, milliseconds);
      woken.push(`${name} ${queue.visible()}`);
    };
    const waits = [wait('sent')];
    sqs.send(queue, { body: 'a' });
    await Promise.all(waits);
    sqs.receive(queue, 1);
    const visibility = wait('visibility');
    clock.advance(30 * SECOND);
    await visibility;
    sqs.receive(queue, 1);
    sqs.send(queue, { body: 'b', delaySeconds: 3 });
    const delay = wait('delay');
    clock.advance(3 * SECOND);
    await delay;
    sqs.receive(queue, 1);
    const over = wait('timeout', undefined, 2 * SECOND);
    clock.advance(2 * SECOND);
    await over;
    const controller = new AbortController();
    const aborted = wait('aborted', controller.signal);
    controller.abort();
    await aborted;
    expect(woken).toEqual(['sent 1', 'visibility 1', 'delay 1', 'timeout 0', 'aborted 0']);
  });

  it('can be made to reorder and to deliver twice', () => {
    const { sqs } = setUp({ chooseOnReceive: (visible) => visible - 1, duplicateOnReceive: () => true });
    const queue = sqs.createQueue('q', {}, {});
    for (const body of ['a', 'b', 'c']) sqs.send(queue, { body });
    expect(sqs.receive(queue, 10).map(({ body }) => body)).toEqual(['c', 'b', 'a']);
    expect(queue.visible()).toBe(3);
  });

  it('of 100,000 messages is drained ten by ten', () => {
    const { sqs } = setUp();
    const queue = sqs.createQueue('q', {}, {});
    for (let index = 0; index < 100_000; index += 1) sqs.send(queue, { body: String(index) });
    let next = 0;
    for (let batch = sqs.receive(queue, 10); batch.length > 0; batch = sqs.receive(queue, 10)) {
      for (const { body, receipt } of batch) {
        expect(body).toBe(String(next));
        next += 1;
        sqs.delete(queue, receipt);
      }
    }
    expect(next).toBe(100_000);
  });
});

describe('a redrive policy', () => {
  it('moves a message that was received too often, whole, and with its enqueue time', () => {
    const { clock, sqs } = setUp();
    const dead = sqs.createQueue('dead', {}, {});
    const queue = sqs.createQueue('q', { VisibilityTimeout: '1', ...redrive(2) }, {});
    const attributes = { why: { DataType: 'String', StringValue: 'x' } };
    const { id, sentAt } = sqs.send(queue, { body: 'a', attributes });
    for (const receiveCount of [1, 2]) {
      expect(sqs.receive(queue, 10)).toMatchObject([{ receiveCount }]);
      clock.advance(SECOND);
    }
    expect(sqs.receive(queue, 10)).toEqual([]);
    expect(sqs.receive(dead, 10)).toMatchObject([
      { id, body: 'a', attributes, sentAt, deadLetterSource: queue.arn },
    ]);
    expect(queue.counts()).toEqual({ visible: 0, inFlight: 0, delayed: 0 });
  });

  it('needs a dead-letter queue that is there and allows it', () => {
    const { sqs } = setUp();
    expect(() => sqs.createQueue('q', redrive(5), {})).toThrow('does not exist');
    const allow = JSON.stringify({ redrivePermission: 'byQueue', sourceQueueArns: [arn('mine')] });
    sqs.createQueue('dead', { RedriveAllowPolicy: allow }, {});
    expect(() => sqs.createQueue('q', redrive(5), {})).toThrow('does not allow');
    expect(sqs.createQueue('mine', redrive(5), {}).name).toBe('mine');
  });
});

describe('a move task', () => {
  function deadLetters(count: number) {
    const { clock, sqs } = setUp();
    const dead = sqs.createQueue('dead', {}, {});
    const queue = sqs.createQueue('q', { VisibilityTimeout: '0', ...redrive(1) }, {});
    for (let index = 0; index < count; index += 1) sqs.send(queue, { body: String(index) });
    sqs.receive(queue, 10, 0);
    while (queue.visible() > 0) sqs.receive(queue, 10, 0);
    expect(dead.visible()).toBe(count);
    clock.advance(SECOND);
    return { clock, sqs, dead, queue };
  }

  it('moves to the queues that the messages came from, at its rate, and each starts afresh', () => {
    const { clock, sqs, dead, queue } = deadLetters(10);
    const task = sqs.moveTasks.start(dead, undefined, 2);
    clock.advance(2 * SECOND);
    expect([task.status, task.moved, queue.visible()]).toEqual(['RUNNING', 5, 5]);
    expect(() => sqs.moveTasks.start(dead, undefined, 500)).toThrow('Only one active task');
    clock.advance(60 * SECOND);
    expect([task.status, task.moved, dead.visible()]).toEqual(['COMPLETED', 10, 0]);
    const [message] = sqs.receive(queue, 1);
    expect([message?.receiveCount, message?.deadLetterSource]).toEqual([1, undefined]);
    expect(message?.sentAt).toBeGreaterThan(Date.UTC(2026, 0, 1));
  });

  it('moves elsewhere when that is asked for, and stops when it is cancelled', () => {
    const { clock, sqs, dead } = deadLetters(10);
    const other = sqs.createQueue('other', {}, {});
    const { handle } = sqs.moveTasks.start(dead, other.arn, 1);
    clock.advance(3 * SECOND);
    expect(sqs.moveTasks.cancel(handle)).toBe(4);
    clock.advance(60 * SECOND);
    expect([other.visible(), dead.visible()]).toEqual([4, 6]);
    expect(sqs.moveTasks.list(dead, 10)).toMatchObject([{ status: 'CANCELLED', moved: 4 }]);
    expect(() => sqs.moveTasks.cancel(handle)).toThrow('Only active tasks');
  });

  it('fails for messages that were sent straight to the dead-letter queue, unless the destination is named', () => {
    const { clock, sqs, dead, queue } = deadLetters(0);
    sqs.send(dead, { body: 'straight' });
    const failed = sqs.moveTasks.start(dead, undefined, 500);
    clock.advance(SECOND);
    expect([failed.status, failed.failureReason]).toEqual(['FAILED', 'CouldNotDetermineMessageSource']);
    sqs.moveTasks.start(dead, queue.arn, 500);
    clock.advance(SECOND);
    expect(queue.visible()).toBe(1);
    expect(() => sqs.moveTasks.start(queue, undefined, 1)).toThrow('Dead Letter Queue');
  });
});

it('messages, queues and counts are there again after a restart, and what was in flight is visible', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-test-'));
  const journal = await openJournal(folder);
  const before = setUp({ journal });
  const queue = before.sqs.createQueue('q', { VisibilityTimeout: '600' }, { team: 'a' });
  for (const body of ['in flight', 'visible', 'deleted']) before.sqs.send(queue, { body });
  before.sqs.send(queue, { body: 'delayed', delaySeconds: 900 });
  before.sqs.receive(queue, 1);
  const [, deleted] = before.sqs.receive(queue, 2);
  before.sqs.delete(queue, deleted?.receipt ?? '');
  await journal.close();

  const reopened = await openJournal(folder);
  const { sqs, clock } = setUp({ journal: reopened });
  await sqs.restore();
  const again = sqs.queue('q');
  expect([again.settings.visibilitySeconds, again.tags]).toEqual([600, { team: 'a' }]);
  expect(sqs.receive(again, 10).map(({ body, receiveCount }) => [body, receiveCount])).toEqual([
    ['in flight', 2],
    ['visible', 2],
  ]);
  clock.advance(900 * SECOND);
  expect(sqs.receive(again, 10).map(({ body }) => body)).toContain('delayed');
  await reopened.close();
  await rm(folder, { recursive: true });
});

it('no sequence of operations makes or loses a message', () => {
  const operation = fc.oneof(
    fc.record({ kind: fc.constant('send' as const), delay: fc.integer({ min: 0, max: 20 }) }),
    fc.record({ kind: fc.constant('receive' as const), max: fc.integer({ min: 1, max: 10 }) }),
    fc.record({ kind: fc.constant('delete' as const), index: fc.nat(20) }),
    fc.record({
      kind: fc.constant('hide' as const),
      index: fc.nat(20),
      seconds: fc.integer({ min: 0, max: 40 }),
    }),
    fc.record({ kind: fc.constant('advance' as const), seconds: fc.integer({ min: 0, max: 30 }) }),
  );
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 60 }), (operations) => {
      const { clock, sqs } = setUp();
      const dead = sqs.createQueue('dead', {}, {});
      const queue = sqs.createQueue('q', { VisibilityTimeout: '10', ...redrive(3) }, {});
      let sent = 0;
      let deleted = 0;
      const handles: string[] = [];
      const total = () =>
        [queue, dead]
          .map((each) => each.counts())
          .reduce((sum, each) => sum + each.visible + each.inFlight + each.delayed, 0);
      for (const each of operations) {
        const handle = 'index' in each ? (handles[each.index] ?? '') : '';
        if (each.kind === 'send') {
          sqs.send(queue, { body: String(sent), delaySeconds: each.delay });
          sent += 1;
        } else if (each.kind === 'receive')
          handles.push(...sqs.receive(queue, each.max).map(({ receipt }) => receipt));
        else if (each.kind === 'advance') clock.advance(each.seconds * SECOND);
        else if (handle !== '' && each.kind === 'delete') {
          const before = total();
          sqs.delete(queue, handle);
          deleted += before - total();
        } else if (handle !== '' && each.kind === 'hide' && sqs.inFlight(queue, handle))
          sqs.changeVisibility(queue, handle, each.seconds);
        expect(total()).toBe(sent - deleted);
      }
    }),
    { numRuns: 300 },
  );
});
