import { DeleteObjectCommand } from '@aws-sdk/client-s3';
import { ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { dirtyMessage } from '../../src/core/notification.ts';
import type { ObjectRef } from '../../src/core/object-ref.ts';
import type { OpsContext } from '../../src/ops/context.ts';
import {
  createFollower,
  followUntilDone,
  type Followed,
  type Follower,
} from '../../src/ops/redrive/follow.ts';
import { eventually } from '../support/eventually.ts';
import { before, recording } from '../support/failing.ts';
import { instantTime, type InstantTime } from '../support/instant-time.ts';
import { letterOf, opsOf, sendAll } from '../support/ops.ts';
import { storeConverted, storeFailed } from '../support/outcomes.ts';
import { pollShortly } from '../support/pipeline.ts';
import { startBench, type Bench } from '../support/worker.ts';

const REDRIVE = 'this-redrive';

let bench: Bench;
let time: InstantTime;
let ops: OpsContext;
let dead: string;
let follower: Follower;
beforeEach(async () => {
  bench = await startBench();
  time = instantTime();
  ops = { ...opsOf(bench), time };
  dead = ops.deployment.deadLetterQueueUrl;
  follower = createFollower(ops, REDRIVE);
});
afterEach(() => bench.stop());

const never = new AbortController().signal;
const upload = (key: string): ObjectRef => ({ bucket: 'uploads', key });

/** Follows uploads that were moved as the messages `new-KEY`. S3's notifications of them are done with. */
async function follow(...keys: string[]): Promise<void> {
  for (const key of keys) {
    await bench.upload(key);
    follower.add({ id: `old-${key}`, objects: [upload(key)] }, `new-${key}`);
  }
  let left = keys.length;
  await eventually('S3 has sent its notifications', () => {
    const notifications = bench.conversion.receive(10);
    bench.conversion.delete(notifications);
    left -= notifications.length;
    return Promise.resolve(left === 0);
  });
}

/** Follows a moved message that is not a notification. */
const followMessage = (id: string) => follower.add({ id, objects: [] }, `new-${id}`);

/** Returns a dead letter as the worker sends it after a redrive. */
function failedAgain(redrive: string | undefined, key: string, MessageBody = letterOf(key, '').MessageBody) {
  const { MessageAttributes } = letterOf(key, 'image.corrupt', `${key} is corrupt`);
  const mark = redrive === undefined ? {} : { redrive: { DataType: 'String', StringValue: redrive } };
  return { MessageBody, MessageAttributes: { ...MessageAttributes, ...mark } };
}

const corrupt = (key: string, message = `${key} is corrupt`): Followed => ({
  kind: 'failed again',
  key,
  code: 'image.corrupt',
  message,
});

describe('a follower that polls', () => {
  it('reports what was converted, has failed again or is gone, and follows the rest', async () => {
    await follow('converted.jpg', 'failed.jpg', 'deleted.jpg', 'photos/.DS_Store', 'pending.jpg');
    await storeConverted(ops, 'converted.jpg');
    await storeFailed(ops, 'failed.jpg', {
      messageId: 'new-failed.jpg',
      code: 'image.corrupt',
      message: 'why',
    });
    await ops.s3.send(new DeleteObjectCommand({ Bucket: 'uploads', Key: 'deleted.jpg' }));
    expect(follower.pending()).toBe(5);
    expect(await follower.poll()).toEqual([
      { kind: 'converted', key: 'converted.jpg' },
      corrupt('failed.jpg', 'why'),
      { kind: 'gone', key: 'deleted.jpg' },
      { kind: 'gone', key: 'photos/.DS_Store' },
    ]);
    expect(follower.pending()).toBe(1);
    expect(await follower.poll()).toEqual([]);
    expect(follower.following()).toEqual([
      { key: 'pending.jpg', bucket: 'uploads', newIds: ['new-pending.jpg'] },
    ]);
  });

  it('leaves a report of another message aside, because it may be older than the redrive', async () => {
    await follow('a.jpg');
    await storeFailed(ops, 'a.jpg', { messageId: 'old-a.jpg' });
    expect(await follower.poll()).toEqual([]);
    await storeFailed(ops, 'a.jpg', { messageId: 'new-a.jpg' });
    expect(await follower.poll()).toMatchObject([{ kind: 'failed again', key: 'a.jpg' }]);
  });

  it.each(['new-a.jpg', 'another'])(
    'has one outcome for an object that was moved in two messages, whichever fails (%s)',
    async (messageId) => {
      await follow('a.jpg');
      follower.add({ id: 'old', objects: [upload('a.jpg')] }, 'another');
      expect(follower.following()).toEqual([
        { key: 'a.jpg', bucket: 'uploads', newIds: ['new-a.jpg', 'another'] },
      ]);
      await storeFailed(ops, 'a.jpg', { messageId });
      expect(await follower.poll()).toMatchObject([{ kind: 'failed again', key: 'a.jpg' }]);
      expect(follower.pending()).toBe(0);
    },
  );

  it('asks S3 nothing about messages without an object in an upload bucket', async () => {
    followMessage('junk');
    follower.add({ id: 'foreign', objects: [{ bucket: 'somebody-elses', key: 'a.jpg' }] }, 'new-foreign');
    const asked = recording(ops.s3, 'HeadObjectCommand');
    expect(await follower.poll()).toEqual([]);
    expect(asked).toEqual([]);
    expect(follower.following()).toEqual([
      { key: 'junk', newIds: ['new-junk'] },
      { key: 'a.jpg', newIds: ['new-foreign'] },
    ]);
  });

  it('is continued by the next one with all that it followed', async () => {
    await follow('a.jpg', 'b.jpg');
    follower.add({ id: 'old', objects: [upload('b.jpg')] }, 'another');
    followMessage('junk');
    const next = createFollower(ops, REDRIVE, follower.following());
    expect(next.following()).toEqual(follower.following());
    await storeFailed(ops, 'b.jpg', { messageId: 'another' });
    expect(await next.poll()).toMatchObject([{ kind: 'failed again', key: 'b.jpg' }]);
    expect(next.pending()).toBe(2);
  });
});

describe('a follower that checks the dead-letter queue', () => {
  it('reports the dead letters of its redrive, with their reasons, and no others', async () => {
    await follow('ours.jpg', 'theirs.jpg', 'unmarked.jpg');
    await sendAll(ops, dead, [
      failedAgain(REDRIVE, 'ours.jpg'),
      failedAgain('another-redrive', 'theirs.jpg'),
      failedAgain(undefined, 'unmarked.jpg'),
      failedAgain(REDRIVE, 'not-followed.jpg'),
    ]);
    expect(await follower.checkDeadLetters(never)).toEqual([corrupt('ours.jpg')]);
    expect(follower.following().map(({ key }) => key)).toEqual(['theirs.jpg', 'unmarked.jpg']);
    expect(await follower.checkDeadLetters(never)).toEqual([]);
  });

  it('reports every object of a dead letter', async () => {
    await follow('a.jpg', 'b.jpg', 'c.jpg');
    const Records = ['a.jpg', 'b.jpg'].map((key) => ({
      eventVersion: '2.1',
      eventSource: 'aws:s3',
      eventName: 'ObjectCreated:Put',
      s3: { bucket: { name: 'uploads' }, object: { key, size: 1, sequencer: '1' } },
    }));
    await sendAll(ops, dead, [failedAgain(REDRIVE, 'a.jpg', JSON.stringify({ Records }))]);
    expect(await follower.checkDeadLetters(never)).toEqual([
      corrupt('a.jpg', 'a.jpg is corrupt'),
      corrupt('b.jpg', 'a.jpg is corrupt'),
    ]);
    expect(follower.pending()).toBe(1);
  });

  it('counts each dead letter without an object of its own as one of the moved messages that had none', async () => {
    await follow('a.jpg');
    followMessage('junk');
    followMessage('more-junk');
    await sendAll(ops, dead, [failedAgain(REDRIVE, 'x', 'junk')]);
    expect(await follower.checkDeadLetters(never)).toEqual([corrupt('junk', 'x is corrupt')]);
    expect(follower.following().map(({ key }) => key)).toEqual(['a.jpg', 'more-junk']);
    const foreign = dirtyMessage({ bucket: 'somebody-elses', key: 'a.jpg' });
    await sendAll(ops, dead, [failedAgain(REDRIVE, 'y', foreign)]);
    expect(await follower.checkDeadLetters(never)).toMatchObject([{ key: 'more-junk' }]);
    expect(follower.following().map(({ key }) => key)).toEqual(['a.jpg']);
  });

  it('waits for dead letters that another reader hides', async () => {
    await follow('a.jpg');
    await sendAll(ops, dead, [failedAgain(REDRIVE, 'a.jpg')]);
    await ops.sqs.send(new ReceiveMessageCommand({ QueueUrl: dead, VisibilityTimeout: 1 }));
    expect(await follower.checkDeadLetters(never)).toEqual([corrupt('a.jpg')]);
  });

  it('reports nothing more once it is stopped, and leaves the dead letters visible', async () => {
    await follow('a.jpg');
    await sendAll(ops, dead, [failedAgain(REDRIVE, 'a.jpg')]);
    const stop = new AbortController();
    before(ops.sqs, 'ReceiveMessageCommand', {}, () => Promise.resolve(stop.abort()));
    expect(await follower.checkDeadLetters(stop.signal)).toEqual([]);
    expect(follower.pending()).toBe(1);
    expect(await follower.checkDeadLetters(never)).toEqual([corrupt('a.jpg')]);
  });
});

describe('following until nothing is pending', () => {
  /** Each check of the empty dead-letter queue would wait for a second. */
  beforeEach(() => pollShortly(ops.sqs));

  /** Returns the outcomes in their order, and when they were taken. */
  async function untilDone(stop = never) {
    const taken: (Followed & { at: number })[] = [];
    let calls = 0;
    await followUntilDone(
      ops,
      follower,
      (ends) => {
        calls += 1;
        taken.push(...ends.map((end) => ({ ...end, at: time.now() })));
      },
      stop,
    );
    return { taken, calls };
  }

  it('ends at once if everything has its outcome', async () => {
    await follow('a.jpg');
    await storeConverted(ops, 'a.jpg');
    expect((await untilDone()).taken).toEqual([{ kind: 'converted', key: 'a.jpg', at: 0 }]);
    expect(time.now()).toBe(0);
  });

  it('says once that there is nothing to follow', async () => {
    expect(await untilDone()).toEqual({ taken: [], calls: 1 });
  });

  it('leaves the dead-letter queue alone while there are outcomes', async () => {
    const keys = ['a.jpg', 'b.jpg', 'c.jpg', 'd.jpg'];
    await follow(...keys);
    for (const [index, key] of keys.entries()) time.at(4000 * (index + 1), () => storeConverted(ops, key));
    const receives = recording(ops.sqs, 'ReceiveMessageCommand');
    expect((await untilDone()).taken.map(({ key }) => key)).toEqual(keys);
    expect(receives).toEqual([]);
  });

  it.each([4500, 5000, 5500])('takes an outcome that comes after %i ms without any', async (milliseconds) => {
    await follow('a.jpg');
    time.at(milliseconds, () => storeConverted(ops, 'a.jpg'));
    expect((await untilDone()).taken).toMatchObject([{ kind: 'converted', key: 'a.jpg' }]);
  });

  it('finds out from the dead-letter queue what has failed without a report', async () => {
    await follow('a.jpg');
    await sendAll(ops, dead, [failedAgain(REDRIVE, 'a.jpg')]);
    const { taken } = await untilDone();
    expect(taken).toMatchObject([corrupt('a.jpg')]);
  });

  it('ends when it is stopped', async () => {
    await follow('a.jpg');
    const stop = new AbortController();
    time.at(2000, () => stop.abort());
    expect((await untilDone(stop.signal)).taken).toEqual([]);
    expect(follower.pending()).toBe(1);
  });

  it('gives up if no outcome is possible anymore, because both queues are empty', async () => {
    await follow('a.jpg');
    expect((await untilDone()).taken).toEqual([]);
    expect(follower.pending()).toBe(1);
    // SQS's counts may be a minute old.
    expect(time.now()).toBeGreaterThan(60_000);
  });

  it('gives up only after both queues were empty without an outcome for that time', async () => {
    await follow('a.jpg', 'b.jpg');
    time.at(50_000, () => sendAll(ops, dead, [failedAgain(REDRIVE, 'a.jpg')]));
    const { taken } = await untilDone();
    expect(taken).toMatchObject([corrupt('a.jpg')]);
    expect(time.now()).toBeGreaterThan(50_000 + 60_000);
  });

  it.each([
    ['conversionQueueUrl', { visible: 1 }],
    ['retryQueueUrl', { inFlight: 1 }],
    ['retryQueueUrl', { delayed: 1 }],
    ['retryQueueUrl', { visible: 1, inFlight: 1 }],
    ['conversionQueueUrl', { visible: 1, delayed: 1 }],
  ] as const)(
    'continues for a long time while there are messages (%s: %j)',
    async (queue, messages: { visible?: number; inFlight?: number; delayed?: number }) => {
      const { visible = 0, inFlight = 0, delayed = 0 } = messages;
      await follow('a.jpg');
      const QueueUrl = ops.deployment[queue];
      const send = (count: number, DelaySeconds = 0) =>
        sendAll(
          ops,
          QueueUrl,
          Array.from({ length: count }, () => ({ MessageBody: 'x', DelaySeconds })),
        );
      await send(inFlight);
      await ops.sqs.send(new ReceiveMessageCommand({ QueueUrl, VisibilityTimeout: 3600 }));
      await send(visible);
      await send(delayed, 900);
      time.at(200_000, () => storeConverted(ops, 'a.jpg'));
      expect((await untilDone()).taken).toMatchObject([{ kind: 'converted', key: 'a.jpg' }]);
    },
  );

  it('gives up after the last message has left the queues', async () => {
    await follow('a.jpg');
    await sendAll(ops, ops.deployment.retryQueueUrl, [{ MessageBody: 'x' }]);
    time.at(50_000, () => bench.retry.delete(bench.retry.receive(10)));
    expect((await untilDone()).taken).toEqual([]);
    expect(time.now()).toBeGreaterThan(50_000 + 60_000);
  });
});
