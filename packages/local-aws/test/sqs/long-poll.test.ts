import type { Message } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { noJournal } from '../../src/journal.ts';
import { seededRandom } from '../../src/random.ts';
import { messageActions } from '../../src/sqs/actions/messages.ts';
import { createSqsModel } from '../../src/sqs/model.ts';
import { eventually } from '../../../../test/support/eventually.ts';
import { fakeClock } from '../support/fake-clock.ts';
import { startSqs, type TestSqs } from './server.ts';

const SECOND = 1000;

/** A queue with the test's own clock, polled like the HTTP layer does. */
function polled(attributes: Record<string, string> = {}) {
  const clock = fakeClock();
  const random = seededRandom(1);
  const model = createSqsModel({ clock, random, journal: noJournal, region: 'us-east-1', accountId: '0' });
  const queue = model.createQueue('q', attributes, {});
  const answers: string[][] = [];
  const poll = async (input: object, signal = new AbortController().signal) => {
    const context = { model, urlOf: () => '', signal };
    const answer = (await messageActions.ReceiveMessage({ QueueUrl: 'q', ...input }, context)) as {
      Messages?: Message[];
    };
    answers.push((answer.Messages ?? []).map(({ Body = '' }) => Body));
  };
  return { clock, model, queue, poll, answers };
}

/** Runs everything that only waits for promises. */
const turn = () => new Promise((resolve) => void setImmediate(resolve));

describe('a long poll', () => {
  it('ends with the message that is sent', async () => {
    const { model, queue, poll, answers } = polled();
    const polling = poll({ WaitTimeSeconds: 20 });
    await turn();
    expect(answers).toEqual([]);
    model.send(queue, { body: 'a' });
    await polling;
    expect(answers).toEqual([['a']]);
  });

  it('ends with a message whose delay or visibility timeout is over', async () => {
    const { clock, model, queue, poll, answers } = polled({ VisibilityTimeout: '7' });
    model.send(queue, { body: 'a', delaySeconds: 5 });
    for (const seconds of [5, 7]) {
      const polling = poll({ WaitTimeSeconds: 20 });
      clock.advance(seconds * SECOND - 1);
      await turn();
      expect(answers).toEqual([]);
      clock.advance(1);
      await polling;
      expect(answers.splice(0)).toEqual([['a']]);
    }
  });

  it.each([
    ['it requests', {}, { WaitTimeSeconds: 3 }],
    ['the queue sets', { ReceiveMessageWaitTimeSeconds: '3' }, {}],
  ])('ends empty after the time that %s, not before', async (_what, attributes, input) => {
    const { clock, poll, answers } = polled(attributes);
    const polling = poll(input);
    clock.advance(3 * SECOND - 1);
    await turn();
    expect(answers).toEqual([]);
    clock.advance(1);
    await polling;
    expect(answers).toEqual([[]]);
  });

  it('with a wait time of 0 ends immediately, whatever the queue contains', async () => {
    const { poll, answers } = polled({ ReceiveMessageWaitTimeSeconds: '20' });
    await poll({ WaitTimeSeconds: 0 });
    expect(answers).toEqual([[]]);
  });

  it('continues until its own time is over if another one received the message', async () => {
    const { clock, model, queue, poll, answers } = polled();
    const polls = [
      poll({ WaitTimeSeconds: 20 }),
      poll({ WaitTimeSeconds: 20 }),
      poll({ WaitTimeSeconds: 20 }),
    ];
    clock.advance(5 * SECOND);
    model.send(queue, { body: 'first' });
    await turn();
    expect(answers).toEqual([['first']]);
    clock.advance(5 * SECOND);
    model.send(queue, { body: 'second' });
    await turn();
    expect(answers).toEqual([['first'], ['second']]);
    clock.advance(10 * SECOND);
    await Promise.all(polls);
    expect(answers).toEqual([['first'], ['second'], []]);
  });

  it('continues if it only found a dead letter', async () => {
    const { clock, model, queue, poll, answers } = polled({ VisibilityTimeout: '1' });
    const dead = model.createQueue('dead', {}, {});
    const policy = JSON.stringify({ deadLetterTargetArn: dead.arn, maxReceiveCount: 1 });
    model.setAttributes(queue, { RedrivePolicy: policy });
    model.send(queue, { body: 'poison' });
    model.receive(queue, 1);
    const polling = poll({ WaitTimeSeconds: 20 });
    clock.advance(SECOND);
    await turn();
    expect([dead.visible(), answers]).toEqual([1, []]);
    model.send(queue, { body: 'good' });
    await polling;
    expect(answers).toEqual([['good']]);
  });

  it('that the client abandoned receives nothing', async () => {
    const { model, queue, poll, answers } = polled();
    const leaving = new AbortController();
    const polling = poll({ WaitTimeSeconds: 20 }, leaving.signal);
    leaving.abort();
    await polling;
    model.send(queue, { body: 'a' });
    expect([answers, queue.visible()]).toEqual([[[]], 1]);
  });

  it('whose client disconnected before the response leaves a message that somebody else received or deleted', async () => {
    const { clock, model, queue, poll } = polled({ VisibilityTimeout: '1' });
    const leaving = new AbortController();
    for (const body of ['again', 'deleted']) model.send(queue, { body });
    await poll({ MaxNumberOfMessages: 2 }, leaving.signal);
    clock.advance(SECOND);
    const [again, deleted] = model.receive(queue, 2);
    model.delete(queue, deleted?.receipt ?? '');
    leaving.abort();
    expect([again?.receiveCount, queue.counts()]).toEqual([2, { visible: 0, inFlight: 1, delayed: 0 }]);
  });

  it('whose client disconnected before the response returns its messages', async () => {
    const { model, queue, poll } = polled();
    const leaving = new AbortController();
    model.send(queue, { body: 'a' });
    await poll({}, leaving.signal);
    expect(queue.visible()).toBe(0);
    leaving.abort();
    expect(queue.visible()).toBe(1);
  });
});

describe('over HTTP, a long poll', () => {
  let local: TestSqs;
  beforeAll(async () => {
    local = await startSqs();
  });
  afterAll(() => local.stop());

  it('ends with the message that is sent', async () => {
    const url = await local.newQueue();
    const polling = local.receive(url, { WaitTimeSeconds: 20 });
    await local.send(url, 'awaited');
    expect((await polling).map(({ Body }) => Body)).toEqual(['awaited']);
  });

  it('that the client abandons loses no message', async () => {
    const url = await local.newQueue();
    for (let round = 0; round < 20; round += 1) {
      const leaving = new AbortController();
      const polling = local.receive(url, { WaitTimeSeconds: 20 }, leaving.signal).catch(() => 'aborted');
      // Sometimes before the server has received the poll, sometimes after.
      if (round % 2 === 0) await local.attributesOf(url);
      leaving.abort();
      expect(await polling).toBe('aborted');
      await local.send(url, `message ${round}`);
      const [message] = await eventually('it is received by another', async () => {
        const messages = await local.receive(url);
        return messages.length > 0 && messages;
      });
      expect(message?.Body).toBe(`message ${round}`);
    }
  });
});
