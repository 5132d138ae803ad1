import { describe, expect, it } from 'vitest';
import { lookUpInOrder } from '../../src/ops/ordered-lookups.ts';

interface Entry {
  id: number;
}
type Lookup = () => Promise<Entry | undefined>;

const entry = (id: number): Entry => ({ id });
const turn = () => new Promise((resolve) => setImmediate(resolve));

/** Chunks that count how many of them were read. */
function chunksOf(chunks: readonly (readonly (Entry | Lookup)[])[]) {
  const read = { count: 0 };
  async function* all() {
    for (const chunk of chunks) {
      read.count += 1;
      yield chunk;
    }
  }
  return { chunks: all(), read };
}

/** A lookup that ends when the test says so. */
function pending() {
  let resolve: (found: Entry | undefined) => void = () => undefined;
  let reject: (error: Error) => void = () => undefined;
  const promise = new Promise<Entry | undefined>((...both) => {
    [resolve, reject] = both;
  });
  return { look: () => promise, resolve, reject };
}

/** Collects what is yielded until the end. */
function collect(entries: AsyncIterable<Entry>) {
  const found: number[] = [];
  const end = (async () => {
    for await (const { id } of entries) found.push(id);
  })();
  return { found, end };
}

describe('entries of which some are looked up', () => {
  it('come in order, in whichever order the lookups end, without those that no longer exist', async () => {
    const [first, gone, last] = [pending(), pending(), pending()];
    const { chunks } = chunksOf([[entry(1), first.look, entry(3)], [gone.look, entry(5)], [last.look]]);
    const { found, end } = collect(lookUpInOrder(chunks));
    last.resolve(entry(6));
    gone.resolve(undefined);
    await turn();
    expect(found).toEqual([1]);
    first.resolve(entry(2));
    await end;
    expect(found).toEqual([1, 2, 3, 5, 6]);
  });

  it('come before the next chunk is read if they need no lookup', async () => {
    const { chunks, read } = chunksOf([[entry(1), entry(2)], [entry(3)]]);
    const entries = lookUpInOrder(chunks);
    expect((await entries.next()).value).toEqual(entry(1));
    expect((await entries.next()).value).toEqual(entry(2));
    expect(read.count).toBe(1);
    expect((await entries.next()).value).toEqual(entry(3));
  });

  it('are read in advance while a lookup runs, but only a few thousand', async () => {
    const first = pending();
    const chunk = Array.from({ length: 500 }, (_, index) => entry(index));
    const { chunks, read } = chunksOf([[first.look], ...Array.from({ length: 20 }, () => chunk)]);
    const { found, end } = collect(lookUpInOrder(chunks));
    for (let turns = 0; turns < 100; turns += 1) await turn();
    expect(read.count).toBe(5);
    expect(found).toEqual([]);
    first.resolve(undefined);
    await end;
    expect(found).toHaveLength(10_000);
  });

  it('are looked up 32 at a time, and no more once the reader stops', async () => {
    let started = 0;
    const first = pending();
    const never = pending();
    const looks = Array.from({ length: 100 }, (_, index) => () => {
      started += 1;
      return index === 0 ? first.look() : never.look();
    });
    const entries = lookUpInOrder(chunksOf([looks]).chunks);
    const next = entries.next();
    await turn();
    expect(started).toBe(32);
    first.resolve(entry(0));
    expect(await next).toEqual({ value: entry(0), done: false });
    await turn();
    expect(started).toBe(33);
    await entries.return(undefined);
    never.resolve(undefined);
    for (let turns = 0; turns < 10; turns += 1) await turn();
    expect(started).toBe(33);
  });

  it('end with the error of a lookup when its turn comes', async () => {
    const [slow, broken] = [pending(), pending()];
    const { chunks } = chunksOf([[slow.look, broken.look, entry(3)]]);
    const { found, end } = collect(lookUpInOrder(chunks));
    broken.reject(new Error('S3 is down'));
    await turn();
    slow.resolve(entry(1));
    await expect(end).rejects.toThrow('S3 is down');
    expect(found).toEqual([1]);
  });
});
