import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openJournal, type Journal } from '../../src/journal.ts';
import { createSqsModel } from '../../src/sqs/model.ts';
import { fakeClock } from '../support/fake-clock.ts';
import { bodies, NOTHING, redrive, SECOND, setUp } from './model.ts';

let folder: string;
let journal: Journal;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-test-'));
  journal = await openJournal(folder);
});
afterEach(async () => {
  await journal.close();
  await rm(folder, { recursive: true });
});

/** Returns a model over the journal, as in a process that starts at the clock's time. */
async function restarted(clock: ReturnType<typeof setUp>['clock']) {
  await journal.close();
  journal = await openJournal(folder);
  const sqs = createSqsModel({
    clock,
    random: Math.random,
    journal,
    region: 'us-east-1',
    accountId: '000000000000',
  });
  await sqs.restore();
  return sqs;
}

it('after a restart, queues have their attributes, times and tags', async () => {
  const { clock, sqs } = setUp({ journal });
  sqs.createQueue('dead', {}, {});
  const queue = sqs.createQueue('q', { VisibilityTimeout: '600', ...redrive(3) }, { team: 'a' });
  sqs.deleteQueue(sqs.createQueue('deleted', {}, {}));
  clock.advance(5 * SECOND);
  sqs.setAttributes(queue, { DelaySeconds: '7' });
  sqs.setTags(queue, { team: 'b' });
  clock.advance(5 * SECOND);
  const after = await restarted(clock);
  expect(after.queues().map(({ name }) => name)).toEqual(['dead', 'q']);
  const { settings, tags, createdAt, modifiedAt, arn } = queue;
  expect(after.queue('q')).toMatchObject({ settings, tags, createdAt, modifiedAt, arn });
  expect([modifiedAt, tags]).toEqual([createdAt + 5 * SECOND, { team: 'b' }]);
});

it('after a restart, messages are in order, and those in flight are visible', async () => {
  const { clock, sqs } = setUp({ journal });
  const queue = sqs.createQueue('q', { VisibilityTimeout: '600' }, {});
  const attributes = { a: { DataType: 'Binary', BinaryValue: 'AQID' } };
  const others = Array.from({ length: 8 }, (_, index) => `visible ${index}`);
  for (const body of ['in flight', 'deleted', ...others]) {
    sqs.send(queue, { body, attributes, traceHeader: 'Root=1' });
    clock.advance(SECOND);
  }
  await journal.flush();
  const [inFlight, deleted] = sqs.receive(queue, 2);
  sqs.delete(queue, deleted?.receipt ?? '');
  clock.advance(SECOND);
  const after = await restarted(clock);
  const again = after.queue('q');
  expect(again.counts()).toEqual({ ...NOTHING, visible: 9 });
  const [first, ...rest] = after.receive(again, 10);
  expect(first).toMatchObject({
    id: inFlight?.id,
    body: 'in flight',
    attributes,
    traceHeader: 'Root=1',
    receiveCount: 2,
    sentAt: inFlight?.sentAt,
    firstReceivedAt: inFlight?.firstReceivedAt,
  });
  expect(bodies(rest)).toEqual(others);
  expect(new Set(rest.map(({ receiveCount }) => receiveCount))).toEqual(new Set([1]));
});

it('after a restart, delays continue', async () => {
  const { clock, sqs } = setUp({ journal });
  sqs.send(sqs.createQueue('q', {}, {}), { body: 'delayed', delaySeconds: 900 });
  clock.advance(400 * SECOND);
  const after = await restarted(clock);
  const queue = after.queue('q');
  expect(queue.counts()).toEqual({ ...NOTHING, delayed: 1 });
  clock.advance(500 * SECOND - 1);
  expect(after.receive(queue, 10)).toEqual([]);
  clock.advance(1);
  expect(bodies(after.receive(queue, 10))).toEqual(['delayed']);
});

it('after a restart, dead letters are in their queue, have their source and can be moved back', async () => {
  const { clock, sqs } = setUp({ journal });
  sqs.createQueue('dead', {}, {});
  const queue = sqs.createQueue('q', redrive(1), {});
  for (const body of ['a', 'b']) sqs.send(queue, { body });
  while (queue.visible() > 0) sqs.receive(queue, 10, 0);
  const after = await restarted(clock);
  const dead = after.queue('dead');
  expect(dead.counts()).toEqual({ ...NOTHING, visible: 2 });
  after.moveTasks.start(dead, undefined, 500);
  clock.advance(SECOND);
  const last = await restarted(clock);
  expect(last.queue('dead').counts()).toEqual(NOTHING);
  expect(bodies(last.queue('q').all()).toSorted()).toEqual(['a', 'b']);
});

it('after a restart, purged and expired messages and those of deleted queues are gone', async () => {
  const { clock, sqs } = setUp({ journal });
  for (const name of ['purged', 'expired', 'deleted']) {
    const queue = sqs.createQueue(name, { MessageRetentionPeriod: '60' }, {});
    for (const delaySeconds of [0, 900]) sqs.send(queue, { body: name, delaySeconds });
  }
  sqs.purge(sqs.queue('purged'));
  sqs.deleteQueue(sqs.queue('deleted'));
  clock.advance(60 * SECOND);
  expect(sqs.queue('expired').visible()).toBe(0);
  await journal.flush();
  const left: string[] = [];
  for await (const [key] of journal.entries('sqs/message/')) left.push(key);
  expect(left).toEqual([]);
  const after = await restarted(clock);
  after.createQueue('deleted', {}, {});
  for (const queue of after.queues()) expect(queue.counts()).toEqual(NOTHING);
});

it('after the repair of a journal that lost a queue, its messages are left out', async () => {
  const { clock, sqs } = setUp({ journal });
  for (const name of ['lost', 'kept']) sqs.send(sqs.createQueue(name, {}, {}), { body: name });
  journal.del('sqs/queue/lost');
  const after = await restarted(clock);
  expect(after.queues().map(({ name }) => name)).toEqual(['kept']);
  expect(bodies(after.queue('kept').all())).toEqual(['kept']);
});

it.each([
  ['five days ahead', 5 * 86_400],
  ['twenty days ahead', 20 * 86_400],
  ['a day behind', -86_400],
  ['unchanged', 0],
])(
  'after a restart with a clock that is %s, every message exists and is soon visible',
  async (_what, seconds) => {
    const { clock, sqs } = setUp({ journal });
    const queue = sqs.createQueue('q', { MessageRetentionPeriod: '345600' }, {});
    for (const [body, delaySeconds] of [
      ['now', 0],
      ['later', 900],
    ] as const)
      sqs.send(queue, { body, delaySeconds });
    await journal.flush();
    const other = fakeClock(clock.now() + seconds * SECOND);
    const after = await restarted(other);
    other.advance(900 * SECOND);
    expect(bodies(after.receive(after.queue('q'), 10, 0)).toSorted()).toEqual(['later', 'now']);
    // From here on, retention counts as usual.
    other.advance((345_600 + 86_400) * SECOND);
    expect(after.queue('q').visible() + after.receive(after.queue('q'), 10).length).toBe(0);
  },
);
