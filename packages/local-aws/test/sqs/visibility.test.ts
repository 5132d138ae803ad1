import { describe, expect, it } from 'vitest';
import { bodies, NOTHING, SECOND, setUp } from './model.ts';

describe('a received message', () => {
  it('is hidden for its visibility timeout, then received again with a new handle', () => {
    const { clock, sqs } = setUp();
    const queue = sqs.createQueue('q', { VisibilityTimeout: '10' }, {});
    sqs.send(queue, { body: 'a' });
    const [first] = sqs.receive(queue, 10);
    expect([first?.receiveCount, sqs.receive(queue, 10)]).toEqual([1, []]);
    clock.advance(10 * SECOND - 1);
    expect(sqs.receive(queue, 10)).toEqual([]);
    clock.advance(1);
    const [second] = sqs.receive(queue, 10);
    expect(second).toMatchObject({
      id: first?.id,
      receiveCount: 2,
      firstReceivedAt: first?.firstReceivedAt,
      sentAt: first?.sentAt,
    });
    expect(second?.receipt).not.toBe(first?.receipt);
  });

  it('is deleted with the handle of its last receive, but not with an older one', () => {
    const { clock, sqs } = setUp();
    const queue = sqs.createQueue('q', { VisibilityTimeout: '10' }, {});
    sqs.send(queue, { body: 'a' });
    const [first] = sqs.receive(queue, 10);
    clock.advance(10 * SECOND);
    const [second] = sqs.receive(queue, 10);
    sqs.delete(queue, first?.receipt ?? '');
    expect(queue.counts()).toEqual({ ...NOTHING, inFlight: 1 });
    expect(() => sqs.changeVisibility(queue, first?.receipt ?? '', 0)).toThrow('not in flight');
    sqs.delete(queue, second?.receipt ?? '');
    expect(queue.counts()).toEqual(NOTHING);
  });

  it('can be deleted late if it has not been received again', () => {
    const { clock, sqs } = setUp();
    const queue = sqs.createQueue('q', { VisibilityTimeout: '10' }, {});
    sqs.send(queue, { body: 'a' });
    const [message] = sqs.receive(queue, 10);
    clock.advance(10 * SECOND);
    expect(queue.visible()).toBe(1);
    sqs.delete(queue, message?.receipt ?? '');
    expect(queue.counts()).toEqual(NOTHING);
  });

  it('can be hidden for a longer or shorter time, counted from the change', () => {
    const { clock, sqs } = setUp();
    const queue = sqs.createQueue('q', { VisibilityTimeout: '10' }, {});
    sqs.send(queue, { body: 'a' });
    const [message] = sqs.receive(queue, 1);
    clock.advance(5 * SECOND);
    sqs.changeVisibility(queue, message?.receipt ?? '', 60);
    clock.advance(60 * SECOND - 1);
    expect(queue.visible()).toBe(0);
    clock.advance(1);
    const [again] = sqs.receive(queue, 1);
    sqs.changeVisibility(queue, again?.receipt ?? '', 2);
    clock.advance(2 * SECOND - 1);
    expect(queue.visible()).toBe(0);
    clock.advance(1);
    expect(queue.visible()).toBe(1);
  });

  it('can be made visible immediately, and is then not in flight', () => {
    const { sqs } = setUp();
    const queue = sqs.createQueue('q', {}, {});
    sqs.send(queue, { body: 'a' });
    const [message] = sqs.receive(queue, 1);
    sqs.changeVisibility(queue, message?.receipt ?? '', 0);
    expect(queue.visible()).toBe(1);
    expect(() => sqs.changeVisibility(queue, message?.receipt ?? '', 5)).toThrow('not in flight');
    expect(sqs.receive(queue, 1)).toMatchObject([{ id: message?.id, receiveCount: 2 }]);
  });

  it('cannot be hidden after its timeout or after it is deleted', () => {
    const { clock, sqs } = setUp();
    const queue = sqs.createQueue('q', { VisibilityTimeout: '10' }, {});
    for (const body of ['late', 'deleted']) sqs.send(queue, { body });
    const [late, deleted] = sqs.receive(queue, 2);
    sqs.delete(queue, deleted?.receipt ?? '');
    expect(() => sqs.changeVisibility(queue, deleted?.receipt ?? '', 5)).toThrow('not in flight');
    clock.advance(10 * SECOND);
    expect(() => sqs.changeVisibility(queue, late?.receipt ?? '', 5)).toThrow('not in flight');
    expect(queue.visible()).toBe(1);
  });

  it('is never received twice by one request, not even with a visibility timeout of 0', () => {
    const { sqs } = setUp();
    const queue = sqs.createQueue('q', {}, {});
    sqs.send(queue, { body: 'a' });
    expect(sqs.receive(queue, 10, 0)).toHaveLength(1);
    expect(sqs.receive(queue, 10, 0)).toHaveLength(1);
  });

  it.each([['nonsense'], [''], [Buffer.from('other 1 2').toString('base64')]])(
    'is not found with the handle %j',
    (handle) => {
      const { sqs } = setUp();
      const queue = sqs.createQueue('q', {}, {});
      sqs.send(queue, { body: 'a' });
      sqs.receive(queue, 1);
      for (const use of [
        () => sqs.delete(queue, handle),
        () => sqs.changeVisibility(queue, handle, 0),
        () => sqs.inFlight(queue, handle),
      ])
        expect(use).toThrow(expect.objectContaining({ code: 'ReceiptHandleIsInvalid' }));
    },
  );

  it('of one queue is not deleted through another', () => {
    const { sqs } = setUp();
    const [queue, other] = [sqs.createQueue('q', {}, {}), sqs.createQueue('other', {}, {})];
    sqs.send(queue, { body: 'a' });
    const [message] = sqs.receive(queue, 1);
    expect(() => sqs.delete(other, message?.receipt ?? '')).toThrow('not a valid receipt handle');
    expect(queue.counts()).toEqual({ ...NOTHING, inFlight: 1 });
  });

  it('may have a visibility timeout other than the queue’s', () => {
    const { clock, sqs } = setUp();
    const queue = sqs.createQueue('q', { VisibilityTimeout: '10' }, {});
    for (const body of ['by default', 'longer']) sqs.send(queue, { body });
    sqs.receive(queue, 1);
    sqs.receive(queue, 1, 20);
    clock.advance(10 * SECOND);
    expect(bodies(sqs.receive(queue, 10, 100))).toEqual(['by default']);
    clock.advance(10 * SECOND);
    expect(bodies(sqs.receive(queue, 10))).toEqual(['longer']);
  });
});
