import { describe, expect, it } from 'vitest';
import { followBatch, listBatchObjects, sizesInBatch } from '../../src/client/batch.ts';
import type { Client } from '../../src/client/client.ts';
import { instantWaits } from '../support/instant-waits.ts';

const waits = instantWaits();

const object = (name: string, state = 'converted', bytes = 1) => ({ name, state, bytes });

/** An API that lists these pages and returns these counts, the last ones again and again. */
function clientWith(pages: object[][], counts: object[] = []) {
  const asked: object[] = [];
  let polls = 0;
  const client = {
    listBatch: (request: { after?: string }) => {
      asked.push(request);
      const index = Number(request.after ?? 0);
      return Promise.resolve({
        objects: pages[index],
        ...(index + 1 < pages.length ? { next: String(index + 1) } : {}),
      });
    },
    getBatch: (request: object) => {
      asked.push(request);
      polls += 1;
      return Promise.resolve(counts[Math.min(polls, counts.length) - 1]);
    },
  };
  return { client: client as unknown as Client, asked };
}

describe("a batch's objects", () => {
  it('are listed page by page, in as few pages as possible', async () => {
    const { client, asked } = clientWith([[object('a')], [], [object('b'), object('c')]]);
    const names: string[] = [];
    for await (const { name } of listBatchObjects(client, 'b')) names.push(name);
    expect(names).toEqual(['a', 'b', 'c']);
    expect(asked).toEqual([
      { batch: 'b', limit: 1000 },
      { batch: 'b', limit: 1000, after: '1' },
      { batch: 'b', limit: 1000, after: '2' },
    ]);
  });

  it('can be those in one state', async () => {
    const { client, asked } = clientWith([[object('a', 'failed')]]);
    for await (const { name } of listBatchObjects(client, 'b', 'failed')) expect(name).toBe('a');
    expect(asked).toEqual([{ batch: 'b', limit: 1000, state: 'failed' }]);
  });

  it('have sizes by name', async () => {
    const { client } = clientWith([[object('a', 'failed', 5)], [object('b', 'pending', 7)]]);
    expect(await sizesInBatch(client, 'b')).toEqual(
      new Map([
        ['a', 5],
        ['b', 7],
      ]),
    );
  });
});

describe('a batch', () => {
  const counts = (uploaded: number, pending: number) => ({ batch: 'b', uploaded, pending, truncated: false });

  it('is followed until all files have arrived and none is pending', async () => {
    const all = [counts(0, 0), counts(2, 2), counts(2, 0), counts(3, 1), counts(3, 0)];
    const { client } = clientWith([], all);
    const heard: object[] = [];
    const last = await followBatch(client, 'b', 3, { onCounts: (each) => void heard.push(each) });
    expect(last).toEqual(counts(3, 0));
    expect(heard).toEqual(all);
    expect(waits).toEqual([1000, 1000, 1000, 1000]);
  });

  it('may have more files than expected', async () => {
    const { client, asked } = clientWith([], [counts(4, 0)]);
    expect(await followBatch(client, 'b', 3)).toEqual(counts(4, 0));
    expect(asked).toEqual([{ batch: 'b' }]);
  });

  it('is followed until it is stopped', async () => {
    const stop = new AbortController();
    const { client, asked } = clientWith([], [counts(3, 1)]);
    const onCounts = () => {
      if (asked.length === 2) stop.abort();
    };
    expect(await followBatch(client, 'b', 3, { stop: stop.signal, onCounts })).toEqual(counts(3, 1));
    expect(asked).toHaveLength(2);
  });

  it('with more files than one response counts is counted by state', async () => {
    const states = ['converted', 'failed', 'converted', 'ignored', 'pending', 'failed', 'converted'];
    const some = {
      batch: 'b',
      uploaded: 5,
      converted: 5,
      failed: 5,
      pending: 5,
      ignored: 5,
      truncated: true,
    };
    const { client } = clientWith([states.map((state) => object('n', state))], [some]);
    const stop = new AbortController();
    const last = await followBatch(client, 'b', 7, { stop: stop.signal, onCounts: () => stop.abort() });
    expect(last).toEqual({
      batch: 'b',
      uploaded: 7,
      converted: 3,
      failed: 2,
      pending: 1,
      ignored: 1,
      truncated: false,
    });
  });
});
