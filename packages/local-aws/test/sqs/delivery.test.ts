import { describe, expect, it } from 'vitest';
import { bodies, NOTHING, SECOND, setUp, total } from './model.ts';

describe('a queue', () => {
  it('gives each message a UUID', () => {
    const { sqs } = setUp();
    const queue = sqs.createQueue('q', {}, {});
    const ids = ['a', 'b'].map((body) => sqs.send(queue, { body }).id);
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    expect(new Set(ids).size).toBe(2);
  });

  it('delivers the oldest message first, and returned messages after those that were already visible', () => {
    const { sqs } = setUp();
    const queue = sqs.createQueue('q', {}, {});
    for (const body of ['a', 'b', 'c']) sqs.send(queue, { body });
    const [first] = sqs.receive(queue, 1);
    sqs.changeVisibility(queue, first?.receipt ?? '', 0);
    expect(bodies(sqs.receive(queue, 10))).toEqual(['b', 'c', 'a']);
  });

  it('without fault rates, delivers the oldest message first and each message once', () => {
    // As projects without `exactOptionalPropertyTypes` may pass them.
    const { sqs } = setUp({ chooseOnReceive: undefined, duplicateOnReceive: undefined } as never);
    const queue = sqs.createQueue('q', {}, {});
    for (const body of ['a', 'b']) sqs.send(queue, { body });
    expect(bodies(sqs.receive(queue, 10))).toEqual(['a', 'b']);
    expect(bodies(sqs.receive(queue, 10))).toEqual([]);
  });

  it("delays messages by its own delay or by the message's", () => {
    const { clock, sqs } = setUp();
    const queue = sqs.createQueue('q', { DelaySeconds: '5' }, {});
    sqs.send(queue, { body: 'by default' });
    sqs.send(queue, { body: 'at once', delaySeconds: 0 });
    sqs.send(queue, { body: 'late', delaySeconds: 900 });
    expect(queue.counts()).toEqual({ visible: 1, inFlight: 0, delayed: 2 });
    clock.advance(5 * SECOND - 1);
    expect(bodies(sqs.receive(queue, 10, 2000))).toEqual(['at once']);
    clock.advance(1);
    expect(bodies(sqs.receive(queue, 10, 2000))).toEqual(['by default']);
    clock.advance(895 * SECOND);
    expect(bodies(sqs.receive(queue, 10, 2000))).toEqual(['late']);
  });

  it('deletes messages that are older than its retention period, in any state', () => {
    const { clock, sqs } = setUp();
    const queue = sqs.createQueue('q', { MessageRetentionPeriod: '60', VisibilityTimeout: '600' }, {});
    for (const body of ['in flight', 'visible']) sqs.send(queue, { body });
    sqs.send(queue, { body: 'delayed', delaySeconds: 900 });
    sqs.receive(queue, 1);
    clock.advance(60 * SECOND - 1);
    expect(queue.counts()).toEqual({ visible: 1, inFlight: 1, delayed: 1 });
    sqs.send(queue, { body: 'young' });
    clock.advance(1);
    expect(bodies(sqs.receive(queue, 10))).toEqual(['young']);
    clock.advance(10 * SECOND);
    expect(queue.counts()).toEqual({ ...NOTHING, inFlight: 1 });
  });

  it('keeps its messages longer if its retention period is extended', () => {
    const { clock, sqs } = setUp();
    const queue = sqs.createQueue('q', { MessageRetentionPeriod: '60' }, {});
    sqs.send(queue, { body: 'a' });
    sqs.setAttributes(queue, { MessageRetentionPeriod: '120' });
    clock.advance(119 * SECOND);
    expect(queue.visible()).toBe(1);
    clock.advance(11 * SECOND);
    expect(queue.visible()).toBe(0);
  });

  it('can be purged again after a minute', () => {
    const { clock, sqs } = setUp();
    const queue = sqs.createQueue('q', {}, {});
    sqs.purge(queue);
    sqs.send(queue, { body: 'a' });
    clock.advance(60 * SECOND - 1);
    expect(() => sqs.purge(queue)).toThrow('every 60 seconds');
    expect(total(queue)).toBe(1);
    clock.advance(1);
    sqs.purge(queue);
    expect(total(queue)).toBe(0);
  });

  it('wakes consumers for a new message and at the end of a delay or visibility timeout, but not after an abort', async () => {
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

  it('can reorder messages', () => {
    const { sqs } = setUp({ chooseOnReceive: (visible) => visible - 1 });
    const queue = sqs.createQueue('q', {}, {});
    for (const body of ['a', 'b', 'c']) sqs.send(queue, { body });
    expect(bodies(sqs.receive(queue, 2))).toEqual(['c', 'b']);
    expect(bodies(sqs.receive(queue, 2))).toEqual(['a']);
  });

  it('can deliver messages twice, though not in one response', () => {
    const again = [true, false, false];
    const { sqs } = setUp({ duplicateOnReceive: () => again.shift() ?? false });
    const queue = sqs.createQueue('q', {}, {});
    for (const body of ['a', 'b']) sqs.send(queue, { body });
    expect(bodies(sqs.receive(queue, 10))).toEqual(['a', 'b']);
    const [twice, ...others] = sqs.receive(queue, 10);
    expect([twice?.body, twice?.receiveCount, others]).toEqual(['a', 2, []]);
    sqs.delete(queue, twice?.receipt ?? '');
    expect(queue.counts()).toEqual({ ...NOTHING, inFlight: 1 });
  });

  it('with 100,000 messages is drained ten at a time', () => {
    const { sqs } = setUp();
    const queue = sqs.createQueue('q', {}, {});
    for (let index = 0; index < 100_000; index += 1) sqs.send(queue, { body: String(index) });
    const received: string[] = [];
    for (let batch = sqs.receive(queue, 10); batch.length > 0; batch = sqs.receive(queue, 10)) {
      received.push(...bodies(batch));
      for (const { receipt } of batch) sqs.delete(queue, receipt);
    }
    expect(received).toEqual(Array.from({ length: 100_000 }, (_, index) => String(index)));
    expect(queue.counts()).toEqual(NOTHING);
  });
});
