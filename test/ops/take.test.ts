import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OpsContext } from '../../src/ops/context.ts';
import type { DeadLetter } from '../../src/ops/dead-letters/dead-letter.ts';
import { takeDeadLetters, type TakeOptions } from '../../src/ops/dead-letters/take.ts';
import { letterOf, opsOf, sendAll } from '../support/ops.ts';
import { countMessages } from '../support/pipeline.ts';
import { startBench, type Bench } from '../support/worker.ts';

let bench: Bench;
let ops: OpsContext;
let dead: string;
beforeEach(async () => {
  bench = await startBench();
  ops = opsOf(bench);
  dead = ops.deployment.deadLetterQueueUrl;
});
afterEach(() => bench.stop());

const keyOf = ({ objects }: Pick<DeadLetter, 'objects'>) => objects[0]?.key ?? '';

/** Sends 40 dead letters, of which every fourth has the key of a `video`. */
const sendLetters = () =>
  sendAll(
    ops,
    dead,
    Array.from({ length: 40 }, (_, index) =>
      letterOf(`${index % 4 === 0 ? 'video' : 'photo'}/${index}`, 'process.died'),
    ),
  );

/** Takes dead letters. Returns the counts and what was handled, portion by portion. */
async function take(options: Partial<TakeOptions>) {
  const portions: string[][] = [];
  const taken = await takeDeadLetters(ops, {
    filter: {},
    pollers: 1,
    polls: 'short',
    handle: async (letters) => {
      portions.push(letters.map(keyOf));
      return new Set(letters.map(({ id }) => id));
    },
    ...options,
  });
  return { ...taken, portions, handled: portions.flat() };
}

describe.each([1, 4])('with %i pollers, taking dead letters', (pollers) => {
  it('ends at its limit', async () => {
    await sendLetters();
    const { taken, handled } = await take({ pollers, limit: 25 });
    expect(taken).toBe(25);
    expect(new Set(handled).size).toBe(25);
    expect(await countMessages(ops.sqs, dead)).toBe(15);
  });

  it('does not count those that it leaves toward its limit', async () => {
    await sendLetters();
    const { taken, handled } = await take({ pollers, limit: 10, filter: { prefix: 'video/' } });
    expect(taken).toBe(10);
    expect(handled.every((key) => key.startsWith('video/'))).toBe(true);
    expect(await countMessages(ops.sqs, dead)).toBe(30);
  });

  it('does not count those that could not be handled toward its limit, and leaves them', async () => {
    await sendLetters();
    const isRefused = (letter: DeadLetter) => keyOf(letter).startsWith('video/');
    const { taken } = await take({
      pollers,
      limit: 28,
      handle: async (letters) => new Set(letters.filter((each) => !isRefused(each)).map(({ id }) => id)),
    });
    expect(taken).toBe(28);
    expect(await countMessages(ops.sqs, dead)).toBe(12);
    expect((await take({ filter: { prefix: 'video/' } })).taken).toBe(10);
  });

  it('handles each once, at most ten at a time', async () => {
    await sendLetters();
    const { portions, handled } = await take({ pollers });
    expect(handled).toHaveLength(40);
    expect(new Set(handled).size).toBe(40);
    expect(Math.max(...portions.map(({ length }) => length))).toBeLessThanOrEqual(10);
    expect(await countMessages(ops.sqs, dead)).toBe(0);
  });

  it('stops when it is told to, after what it is handling', async () => {
    await sendLetters();
    const stop = new AbortController();
    const { taken } = await take({
      pollers,
      stop: stop.signal,
      handle: async (letters) => {
        stop.abort();
        return new Set(letters.map(({ id }) => id));
      },
    });
    expect(taken).toBeGreaterThan(0);
    expect(taken).toBeLessThanOrEqual(10);
    expect(await countMessages(ops.sqs, dead)).toBe(40 - taken);
  });
});

describe('taking dead letters', () => {
  it('without an allowance takes none', async () => {
    await sendLetters();
    expect(await take({ limit: 0 })).toMatchObject({ taken: 0, handled: [] });
    expect(await countMessages(ops.sqs, dead)).toBe(40);
  });

  it('asks its pace before each portion', async () => {
    await sendLetters();
    const asked: number[] = [];
    const pace = { portion: 3, before: async (count: number) => void asked.push(count) };
    const { portions } = await take({ limit: 20, pace });
    expect(portions.map(({ length }) => length)).toEqual(asked);
    expect(Math.max(...asked)).toBe(3);
    expect(portions.flat()).toHaveLength(20);
  });

  it('handles nothing after it was stopped while it waited for its pace', async () => {
    await sendLetters();
    const stop = new AbortController();
    const pace = { portion: 2, before: async () => stop.abort() };
    expect(await take({ pace, stop: stop.signal })).toMatchObject({ taken: 0, handled: [] });
    expect(await countMessages(ops.sqs, dead)).toBe(40);
  });

  it('leaves those that it is told to except', async () => {
    await sendLetters();
    const { handled } = await take({ except: (message) => keyOf(message).startsWith('photo/') });
    expect(handled).toHaveLength(10);
    expect(handled.every((key) => key.startsWith('video/'))).toBe(true);
  });

  it('ends all pollers if one fails', async () => {
    await sendLetters();
    let handling = 0;
    const handle = async () => {
      handling += 1;
      throw new Error('no space left');
    };
    await expect(take({ pollers: 3, handle })).rejects.toThrow('no space left');
    expect(handling).toBeLessThanOrEqual(3);
    expect(await countMessages(ops.sqs, dead)).toBe(40);
  });
});
