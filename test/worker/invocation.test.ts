import type { Context } from 'aws-lambda';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Retryable } from '../../src/core/errors.ts';
import { beginInvocation } from '../../src/worker/invocation.ts';

const BEGIN_SECONDS = 35;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** An invocation with this much remaining time. */
function begin(seconds: number, { inFlight = 10, conversions = 1 } = {}) {
  const end = Date.now() + seconds * 1000;
  const context = { getRemainingTimeInMillis: () => end - Date.now() } as Context;
  return beginInvocation(context, { inFlight, conversions }, { beginSeconds: BEGIN_SECONDS });
}
const seconds = (count: number) => vi.advanceTimersByTimeAsync(count * 1000);
const never = () => new Promise<never>(() => undefined);
const outcomeOf = (run: Promise<unknown>) =>
  run.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );

/** Work that takes a second and records its concurrency. */
function counting() {
  const runs = { now: 0, most: 0, all: 0 };
  const run = async () => {
    runs.all += 1;
    runs.most = Math.max(runs.most, (runs.now += 1));
    await new Promise((resolve) => setTimeout(resolve, 1000));
    runs.now -= 1;
    return 'done';
  };
  return { runs, run };
}

describe('a conversion', () => {
  it('may start while its maximum time is left, and not after', async () => {
    const { canBegin } = begin(120);
    expect(canBegin()).toBe(true);
    await seconds(120 - BEGIN_SECONDS);
    expect(canBegin()).toBe(true);
    await vi.advanceTimersByTimeAsync(1);
    expect(canBegin()).toBe(false);
  });

  it('waits for a slot', async () => {
    const { inSlot } = begin(120, { conversions: 2 });
    const { runs, run } = counting();
    const all = Promise.all(Array.from({ length: 5 }, () => inSlot(run)));
    await seconds(3);
    expect(await all).toEqual(Array.from({ length: 5 }, () => 'done'));
    expect(runs).toEqual({ now: 0, most: 2, all: 5 });
  });

  it('fails with its own error', async () => {
    const error = new Error('no luck');
    await expect(begin(120).inSlot(() => Promise.reject(error))).rejects.toBe(error);
  });

  it('is not started if its slot is free too late', async () => {
    const { inSlot } = begin(BEGIN_SECONDS);
    const { runs, run } = counting();
    const [first, second] = [outcomeOf(inSlot(run)), outcomeOf(inSlot(run))];
    await seconds(2);
    expect(await first).toEqual({ value: 'done' });
    const { error } = (await second) as { error: unknown };
    expect(error).toBeInstanceOf(Retryable);
    expect(error).toMatchObject({ code: 'batch.out_of_time' });
    expect(runs.all).toBe(1);
  });
});

describe('records', () => {
  it('are processed a few at a time', async () => {
    const { inTurn } = begin(120, { inFlight: 3 });
    const { runs, run } = counting();
    const all = Promise.all(Array.from({ length: 10 }, () => inTurn(run)));
    await seconds(4);
    expect(await all).toHaveLength(10);
    expect(runs).toEqual({ now: 0, most: 3, all: 10 });
  });

  it('fail with their own error, and are not started again', async () => {
    const error = new Error('no luck');
    let runs = 0;
    const run = () => {
      runs += 1;
      return Promise.reject(error);
    };
    await expect(begin(120).inTurn(run)).rejects.toBe(error);
    expect(runs).toBe(1);
  });
});

describe('when it is too late to start a conversion', () => {
  it('everything that waits for a slot fails immediately, and every record gets its turn', async () => {
    const { inSlot, inTurn, canBegin, beforeTimeout } = begin(120, { inFlight: 1 });
    let turns = 0;
    let waited: unknown;
    void beforeTimeout(async () => {
      void inSlot(never);
      void inTurn(never);
      for (const _ of [1, 2]) void inTurn(async () => (turns += 1));
      waited = await outcomeOf(inSlot(async () => 'converted'));
      return never();
    });
    await seconds(120 - BEGIN_SECONDS - 1);
    expect(turns).toBe(0);
    expect(canBegin()).toBe(true);
    await seconds(1);
    expect(turns).toBe(2);
    expect(waited).toMatchObject({ error: { code: 'batch.out_of_time' } });
    expect(canBegin()).toBe(false);
  });

  it('a record that has its turn keeps it', async () => {
    const { inTurn, beforeTimeout } = begin(120, { inFlight: 1 });
    const { runs, run } = counting();
    void beforeTimeout(never);
    await seconds(120 - BEGIN_SECONDS - 0.5);
    const turn = inTurn(run);
    await seconds(1);
    expect(await turn).toBe('done');
    expect(runs.all).toBe(1);
  });
});

describe('an invocation', () => {
  it('responds with the result of its work, and leaves no timer behind', async () => {
    const { beforeTimeout, hasResponded } = begin(120);
    expect(await beforeTimeout(async () => 'done')).toBe('done');
    expect(hasResponded()).toBe(false);
    expect(vi.getTimerCount()).toBe(0);
    const error = new Error('no luck');
    await expect(beforeTimeout(() => Promise.reject(error))).rejects.toBe(error);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('responds two seconds before its timeout, even if something hangs', async () => {
    const { beforeTimeout, hasResponded } = begin(120);
    const response = vi.fn<(value: unknown) => void>();
    void beforeTimeout(never).then(response);
    await vi.advanceTimersByTimeAsync(117_999);
    expect(response).not.toHaveBeenCalled();
    expect(hasResponded()).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(response).toHaveBeenCalledExactlyOnceWith(undefined);
    expect(hasResponded()).toBe(true);
  });
});
