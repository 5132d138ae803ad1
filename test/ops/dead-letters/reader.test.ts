import { seededRandom } from '@millrace/local-aws/models';
import { SQSClient, type GetQueueAttributesCommandOutput, type Message } from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  readDeadLetters,
  type DeadLetterReader,
  type Polling,
} from '../../../src/ops/dead-letters/reader.ts';
import { answering } from '../../support/answering.ts';

/** More than any test needs. A reader that never ends fails instead of hanging. */
const MOST_RECEIVES = 2000;

beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'] }));
afterEach(() => void vi.useRealTimers());

const message = (id: string, receives = 1): Message => ({
  MessageId: id,
  ReceiptHandle: `${id} ${receives}`,
  Body: 'junk',
  Attributes: { SentTimestamp: '0', ApproximateReceiveCount: String(receives) },
});

/** A queue that answers each receive with the next of these pages, then with nothing. A receive takes a second. */
function queueWith(pages: Message[][], counts: { visible?: number; inFlight?: number } = {}) {
  const asked = { receives: 0, waits: new Set<number>(), released: [] as string[] };
  const sqs = new SQSClient({ region: 'us-east-1' });
  answering(sqs, {
    ReceiveMessageCommand({ WaitTimeSeconds }: { WaitTimeSeconds: number }) {
      if ((asked.receives += 1) > MOST_RECEIVES) throw new Error('still receiving');
      asked.waits.add(WaitTimeSeconds);
      queue.onReceive();
      vi.advanceTimersByTime(1000);
      return { Messages: pages.shift() };
    },
    async GetQueueAttributesCommand(): Promise<Pick<GetQueueAttributesCommandOutput, 'Attributes'>> {
      const counted = { ...counts };
      await queue.onCounted();
      return {
        Attributes: {
          ApproximateNumberOfMessages: String(counted.visible ?? 0),
          ApproximateNumberOfMessagesNotVisible: String(counted.inFlight ?? 0),
        },
      };
    },
    ChangeMessageVisibilityBatchCommand({ Entries }: { Entries: { Id: string; ReceiptHandle: string }[] }) {
      expect(new Set(Entries.map(({ Id }) => Id)).size).toBe(Entries.length);
      expect(Entries.length).toBeLessThanOrEqual(10);
      asked.released.push(...Entries.map(({ ReceiptHandle }) => ReceiptHandle));
    },
  });
  const queue = {
    counts,
    asked,
    onReceive: () => undefined as void,
    onCounted: async () => undefined as void,
    reader: (polls?: Polling, stop?: AbortSignal) => readDeadLetters(sqs, 'queue', polls, stop),
  };
  return queue;
}

/** Returns the ids of each page. */
async function readAll(reader: DeadLetterReader): Promise<string[][]> {
  const pages: string[][] = [];
  for (let page = await reader.next(); page !== undefined; page = await reader.next())
    pages.push(page.map(({ id }) => id));
  return pages;
}

describe('a reader of dead letters', () => {
  it('ends at once when nothing is left but what it hides itself', async () => {
    const queue = queueWith([[message('a'), message('b')]], { inFlight: 2 });
    const reader = queue.reader();
    expect(await readAll(reader)).toEqual([['a', 'b']]);
    expect(reader.unseen).toBe(0);
    expect(queue.asked.receives).toBe(2);
  });

  it('waits a minute and a half for messages that another reader hides, then counts them as not seen', async () => {
    const queue = queueWith([[message('a')]], { inFlight: 3 });
    const reader = queue.reader();
    const begin = Date.now();
    expect(await readAll(reader)).toEqual([['a']]);
    const seconds = (Date.now() - begin) / 1000;
    expect(seconds).toBeGreaterThanOrEqual(90);
    expect(seconds).toBeLessThanOrEqual(95);
    // Its own message is visible again by then, so it may be one of the three.
    expect(reader.unseen).toBe(3);
  });

  it('returns a message that another reader had hidden', async () => {
    const queue = queueWith([[message('a')], [], [], [message('b')]], { inFlight: 2 });
    const reader = queue.reader();
    const first = [await reader.next(), await reader.next()];
    queue.counts.inFlight = 0;
    expect([...first.map((page) => page?.map(({ id }) => id)), ...(await readAll(reader))]).toEqual([
      ['a'],
      ['b'],
    ]);
    expect(reader.unseen).toBe(0);
  });

  it('does not count a message that it deleted as one that it hides', async () => {
    const queue = queueWith([[message('a')]], { inFlight: 1 });
    const reader = queue.reader();
    await reader.next();
    reader.markDeleted('a');
    reader.markDeleted('unknown');
    expect(await reader.next()).toBeUndefined();
    expect(reader.unseen).toBe(1);
    await reader.release();
    expect(queue.asked.released).toEqual([]);
  });

  it('does not end while a deletion is in flight, which SQS may have counted or not', async () => {
    // The deletion has taken effect, and another reader hides the one that is left.
    const queue = queueWith([[message('a')], [], [message('b')]], { inFlight: 1 });
    const reader = queue.reader();
    await reader.next();
    const found = await reader.deleting(async () => {
      const page = await reader.next();
      reader.markDeleted('a');
      return page?.map(({ id }) => id);
    });
    expect(found).toEqual(['b']);
    expect(await reader.next()).toBeUndefined();
    expect(reader.unseen).toBe(0);
  });

  it('does not count a message that it received after SQS counted as one of those counted', async () => {
    const queue = queueWith([[], [message('new')], [message('hidden')]], { inFlight: 1 });
    const reader = queue.reader();
    const pages: unknown[] = [];
    queue.onCounted = async () => {
      if (pages.length === 0) pages.push(await reader.next());
    };
    pages.push(await reader.next());
    expect(pages).toMatchObject([[{ id: 'new' }], [{ id: 'hidden' }]]);
  });

  it('counts a message as hidden from before its response, which may be late', async () => {
    const queue = queueWith([[message('a')], [], [message('b')]], { inFlight: 1 });
    const reader = queue.reader();
    await reader.next();
    // 30 seconds after the request: another reader may hide the message by now.
    vi.advanceTimersByTime(28_000);
    expect((await reader.next())?.map(({ id }) => id)).toEqual(['b']);
  });

  it('returns a deleted message that is received again, and then makes it visible', async () => {
    const queue = queueWith([[message('a')], [message('a', 2)]]);
    const reader = queue.reader();
    await reader.next();
    reader.markDeleted('a');
    expect(await readAll(reader)).toEqual([['a']]);
    expect(reader.receiptOf('a')).toBe('a 2');
    await reader.release();
    expect(queue.asked.released).toEqual(['a 2']);
  });

  it('keeps the latest receipt of a message, even if its responses arrive in the wrong order', async () => {
    const queue = queueWith([[message('a', 2)], [message('a', 1), message('b')]]);
    const reader = queue.reader();
    expect(await readAll(reader)).toEqual([['a'], ['b']]);
    expect(reader.receiptOf('a')).toBe('a 2');
  });

  it('returns each message once if SQS returns known ones repeatedly, in any order, and then ends', async () => {
    const random = seededRandom(1);
    const messages = Array.from({ length: 300 }, (_, index) => message(String(index)));
    const sqs = new SQSClient({ region: 'us-east-1' });
    let receives = 0;
    answering(sqs, {
      ReceiveMessageCommand() {
        if ((receives += 1) > MOST_RECEIVES) throw new Error('still receiving');
        return {
          Messages: Array.from({ length: 10 }, () => messages[Math.floor(random() * messages.length)]),
        };
      },
    });
    const met = (await readAll(readDeadLetters(sqs, 'queue'))).flat();
    expect(new Set(met).size).toBe(messages.length);
  });

  it('requests nothing once it is stopped, and does not wait for other readers', async () => {
    const stop = new AbortController();
    const queue = queueWith([[message('a')], [message('b')]], { inFlight: 9 });
    const reader = queue.reader('long', stop.signal);
    await reader.next();
    stop.abort();
    expect(await reader.next()).toBeUndefined();
    expect(queue.asked.receives).toBe(1);
    const waiting = queueWith([], { inFlight: 9 });
    waiting.onReceive = () => stopped.abort();
    const stopped = new AbortController();
    expect(await waiting.reader('long', stopped.signal).next()).toBeUndefined();
    expect(waiting.asked.receives).toBe(1);
  });

  it('waits a second for messages, so that SQS queries all of its servers', async () => {
    const queue = queueWith([[message('a')]]);
    await readAll(queue.reader());
    expect([...queue.asked.waits]).toEqual([1]);
  });

  it('with short polls ends after five empty responses in a row, without waiting for other readers', async () => {
    const empty = [[], [], [], []];
    const queue = queueWith([...empty, [message('a')], ...empty, [message('b')]], { inFlight: 9 });
    expect(await readAll(queue.reader('short'))).toEqual([['a'], ['b']]);
    expect(queue.asked.receives).toBe(15);
  });

  it('makes all messages that it has received visible again, ten at a time', async () => {
    const ids = Array.from({ length: 25 }, (_, index) => `m${index}`);
    const pages = [ids.slice(0, 10), ids.slice(10, 20), ids.slice(20)];
    const queue = queueWith(pages.map((page) => page.map((id) => message(id))));
    const reader = queue.reader('short');
    await readAll(reader);
    await reader.release();
    expect(queue.asked.released.toSorted()).toEqual(ids.map((id) => `${id} 1`).toSorted());
  });
});
