import { describe, expect, it } from 'vitest';
import { arn, bodies, NOTHING, redrive, SECOND, setUp } from './model.ts';

describe('a redrive policy', () => {
  it('moves a message that was received too often, complete and with its enqueue time', () => {
    const { clock, sqs } = setUp();
    const dead = sqs.createQueue('dead', {}, {});
    const queue = sqs.createQueue('q', { VisibilityTimeout: '1', ...redrive(2) }, {});
    const attributes = { why: { DataType: 'String', StringValue: 'x' } };
    const { id, sentAt } = sqs.send(queue, { body: 'a', attributes, traceHeader: 'Root=1' });
    for (const receiveCount of [1, 2]) {
      expect(sqs.receive(queue, 10)).toMatchObject([{ receiveCount }]);
      clock.advance(SECOND);
    }
    expect(sqs.receive(queue, 10)).toEqual([]);
    expect(queue.counts()).toEqual(NOTHING);
    expect(sqs.receive(dead, 10)).toMatchObject([
      { id, body: 'a', attributes, traceHeader: 'Root=1', sentAt, deadLetterSource: queue.arn },
    ]);
  });

  it('lets the same request receive the messages behind a dead letter', () => {
    const { sqs } = setUp();
    const dead = sqs.createQueue('dead', {}, {});
    const queue = sqs.createQueue('q', redrive(1), {});
    sqs.send(queue, { body: 'poison' });
    sqs.receive(queue, 1, 0);
    for (const body of ['good', 'good too']) sqs.send(queue, { body });
    expect(bodies(sqs.receive(queue, 2))).toEqual(['good', 'good too']);
    expect(bodies(dead.all())).toEqual(['poison']);
  });

  it('keeps messages in the queue if the dead-letter queue is gone', () => {
    const { sqs } = setUp();
    const dead = sqs.createQueue('dead', {}, {});
    const queue = sqs.createQueue('q', redrive(1), {});
    sqs.send(queue, { body: 'a' });
    sqs.deleteQueue(dead);
    for (const receiveCount of [1, 2, 3]) expect(sqs.receive(queue, 10, 0)).toMatchObject([{ receiveCount }]);
  });

  it('lets dead letters expire by the time they were first sent', () => {
    const { clock, sqs } = setUp();
    const dead = sqs.createQueue('dead', { MessageRetentionPeriod: '100' }, {});
    const queue = sqs.createQueue('q', redrive(1), {});
    sqs.send(queue, { body: 'a' });
    clock.advance(60 * SECOND);
    sqs.receive(queue, 1, 0);
    sqs.receive(queue, 1);
    expect(dead.visible()).toBe(1);
    clock.advance(40 * SECOND);
    expect(sqs.receive(dead, 1)).toEqual([]);
  });

  it('requires an existing dead-letter queue that allows it', () => {
    const { sqs } = setUp();
    expect(() => sqs.createQueue('q', redrive(5), {})).toThrow('does not exist');
    const allow = JSON.stringify({ redrivePermission: 'byQueue', sourceQueueArns: [arn('mine')] });
    sqs.createQueue('dead', { RedriveAllowPolicy: allow }, {});
    expect(() => sqs.createQueue('q', redrive(5), {})).toThrow('does not allow');
    expect(sqs.queues().map(({ name }) => name)).toEqual(['dead']);
    expect(sqs.createQueue('mine', redrive(5), {}).name).toBe('mine');
  });
});

describe('a move task', () => {
  /** Creates two queues with this many dead letters each, all in one dead-letter queue. */
  function deadLetters(count: number) {
    const { clock, sqs } = setUp();
    const dead = sqs.createQueue('dead', {}, {});
    const queue = sqs.createQueue('q', redrive(1), {});
    const second = sqs.createQueue('second', redrive(1), {});
    for (const source of [queue, second]) {
      for (let index = 0; index < count; index += 1) sqs.send(source, { body: `${source.name} ${index}` });
      while (source.visible() > 0) sqs.receive(source, 10, 0);
    }
    expect(dead.visible()).toBe(2 * count);
    clock.advance(SECOND);
    return { clock, sqs, dead, queue, second };
  }

  it('moves each message to the queue it came from', () => {
    const { clock, sqs, dead, queue, second } = deadLetters(2);
    const task = sqs.moveTasks.start(dead, undefined, 500);
    clock.advance(SECOND);
    expect(task).toMatchObject({ status: 'COMPLETED', moved: 4, toMove: 4 });
    expect(bodies(queue.all())).toEqual(['q 0', 'q 1']);
    expect(bodies(second.all())).toEqual(['second 0', 'second 1']);
  });

  it('gives each message a new id and enqueue time, and resets its receive count', () => {
    const { clock, sqs, dead, queue } = deadLetters(1);
    const former = [...dead.all()].map(({ id }) => id);
    sqs.moveTasks.start(dead, undefined, 500);
    clock.advance(0);
    const movedAt = clock.now();
    clock.advance(SECOND);
    const [message] = sqs.receive(queue, 1);
    expect(message).toMatchObject({ body: 'q 0', receiveCount: 1, sentAt: movedAt });
    expect(former).toHaveLength(2);
    expect(former).not.toContain(message?.id);
    expect([...dead.all()]).toEqual([]);
    expect(message?.firstReceivedAt).toBe(clock.now());
    expect(message).not.toHaveProperty('deadLetterSource');
  });

  it('keeps to its rate', () => {
    const { clock, sqs, dead } = deadLetters(5);
    const task = sqs.moveTasks.start(dead, undefined, 2);
    clock.advance(0);
    expect(task.moved).toBe(1);
    clock.advance(2 * SECOND - 1);
    expect([task.status, task.moved]).toEqual(['RUNNING', 4]);
    clock.advance(1);
    expect([task.status, task.moved]).toEqual(['RUNNING', 5]);
    clock.advance(60 * SECOND);
    expect([task.status, task.moved, dead.visible()]).toEqual(['COMPLETED', 10, 0]);
  });

  it('moves to a named destination on request, and stops when cancelled', () => {
    const { clock, sqs, dead } = deadLetters(5);
    const other = sqs.createQueue('other', {}, {});
    const { handle } = sqs.moveTasks.start(dead, other.arn, 1);
    clock.advance(3 * SECOND);
    expect(sqs.moveTasks.cancel(handle)).toBe(4);
    expect(sqs.moveTasks.list(dead, 10)).toMatchObject([{ status: 'CANCELLING' }]);
    clock.advance(60 * SECOND);
    expect([other.visible(), dead.visible()]).toEqual([4, 6]);
    expect(sqs.moveTasks.list(dead, 10)).toMatchObject([{ status: 'CANCELLED', moved: 4 }]);
    expect(() => sqs.moveTasks.cancel(handle)).toThrow('Only active tasks');
  });

  it('cannot move messages to their own queue', () => {
    const { sqs, dead } = deadLetters(1);
    expect(() => sqs.moveTasks.start(dead, dead.arn, 500)).toThrow('cannot be the same');
    expect(sqs.moveTasks.list(dead, 10)).toEqual([]);
  });

  it("is the queue's only one while it runs, and the newest in its list", () => {
    const { clock, sqs, dead } = deadLetters(1);
    const first = sqs.moveTasks.start(dead, undefined, 500);
    expect(() => sqs.moveTasks.start(dead, undefined, 500)).toThrow('Only one active task');
    clock.advance(SECOND);
    const second = sqs.moveTasks.start(dead, undefined, 500);
    expect(second.handle).not.toBe(first.handle);
    const handles = (max: number) => sqs.moveTasks.list(dead, max).map(({ handle }) => handle);
    expect(handles(10)).toEqual([second.handle, first.handle]);
    expect(handles(1)).toEqual([second.handle]);
  });

  it('of one queue neither shows, stops nor hinders that of another', () => {
    const { clock, sqs, dead } = deadLetters(5);
    const other = sqs.createQueue('other', {}, {});
    const policy = JSON.stringify({ deadLetterTargetArn: other.arn, maxReceiveCount: 1 });
    const source = sqs.createQueue('third', { RedrivePolicy: policy }, {});
    for (const body of ['a', 'b', 'c']) sqs.send(other, { body });
    const first = sqs.moveTasks.start(other, source.arn, 1);
    const second = sqs.moveTasks.start(dead, undefined, 1);
    expect(sqs.moveTasks.list(other, 10)).toEqual([first]);
    expect(sqs.moveTasks.list(dead, 10)).toEqual([second]);
    sqs.moveTasks.cancel(first.handle);
    clock.advance(60 * SECOND);
    expect([first.status, second.status, second.moved]).toEqual(['CANCELLED', 'COMPLETED', 10]);
    expect(() => sqs.moveTasks.cancel('unknown')).toThrow(
      expect.objectContaining({ code: 'ResourceNotFoundException' }),
    );
  });

  it('ends if nothing is left of the messages that it should move', () => {
    const { clock, sqs, dead } = deadLetters(5);
    const task = sqs.moveTasks.start(dead, undefined, 1);
    clock.advance(3 * SECOND);
    sqs.purge(dead);
    clock.advance(3 * SECOND);
    expect(task).toMatchObject({ status: 'COMPLETED', moved: 4, toMove: 10 });
  });

  it('leaves messages that arrive after its start', () => {
    const { clock, sqs, dead } = deadLetters(1);
    const other = sqs.createQueue('other', {}, {});
    const task = sqs.moveTasks.start(dead, other.arn, 500);
    sqs.send(dead, { body: 'new' });
    clock.advance(SECOND);
    expect([task.status, task.moved, bodies(dead.all())]).toEqual(['COMPLETED', 2, ['new']]);
  });

  it('fails for messages that were sent directly to the dead-letter queue, unless it names a destination', () => {
    const { clock, sqs, dead, queue } = deadLetters(0);
    sqs.send(dead, { body: 'straight' });
    const failed = sqs.moveTasks.start(dead, undefined, 500);
    clock.advance(SECOND);
    expect([failed.status, failed.failureReason]).toEqual(['FAILED', 'CouldNotDetermineMessageSource']);
    expect(dead.visible()).toBe(1);
    sqs.moveTasks.start(dead, queue.arn, 500);
    clock.advance(SECOND);
    expect(bodies(queue.all())).toEqual(['straight']);
    expect(() => sqs.moveTasks.start(queue, undefined, 1)).toThrow('Dead Letter Queue');
  });

  it("fails if a message's source queue is gone", () => {
    const { clock, sqs, dead, queue } = deadLetters(1);
    sqs.deleteQueue(queue);
    const task = sqs.moveTasks.start(dead, undefined, 500);
    clock.advance(SECOND);
    expect(task).toMatchObject({
      status: 'FAILED',
      failureReason: 'AWS.SimpleQueueService.NonExistentQueue',
      moved: 0,
    });
    expect(dead.visible()).toBe(2);
  });
});
