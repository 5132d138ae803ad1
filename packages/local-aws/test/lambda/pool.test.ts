import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { createFunctionPool, type Slot } from '../../src/lambda/function.ts';
import { ANSWER, fakeProcesses } from './fake-process.ts';

const forever = new AbortController().signal;

function pool(concurrency: number) {
  const { start, started } = fakeProcesses();
  const fn = createFunctionPool(start, concurrency);
  const acquire = async (signal = forever): Promise<Slot> => {
    const slot = await fn.acquire(signal);
    if (slot === undefined) throw new Error('no process was given');
    return slot;
  };
  /** Invokes a free process, and answers at once. */
  const invoke = async (event: unknown, answer = ANSWER) => {
    const invoking = (await acquire()).invoke(event);
    for (const { invocations } of started) invocations.shift()?.answer(answer);
    return invoking;
  };
  return { fn, started, acquire, invoke };
}

describe('the processes of a function', () => {
  it('are started once, and each has one invocation at a time', async () => {
    const { started, acquire } = pool(2);
    expect(started).toHaveLength(2);
    const [first, second] = [await acquire(), await acquire()];
    let third: Slot | undefined;
    const waiting = acquire().then((slot) => (third = slot));
    void first.invoke('a');
    const done = second.invoke('b');
    await setImmediate();
    expect(started.map(({ invocations }) => invocations.map(({ event }) => event))).toEqual([['a'], ['b']]);
    expect(third).toBeUndefined();
    started[1]?.invocations[0]?.answer(ANSWER);
    expect(await done).toEqual(ANSWER);
    void (await waiting).invoke('c');
    expect(started[1]?.invocations.map(({ event }) => event)).toEqual(['b', 'c']);
  });

  it('go to callers in their order, except to those that have left', async () => {
    const { fn, acquire } = pool(1);
    const slot = await acquire();
    const served: string[] = [];
    const leaving = new AbortController();
    const wait = async (name: string, signal = forever) => {
      const given = await fn.acquire(signal);
      served.push(given === undefined ? `${name} left` : name);
      given?.release();
    };
    const waits = [wait('first'), wait('second', leaving.signal), wait('third')];
    leaving.abort();
    await setImmediate();
    slot.release();
    await Promise.all(waits);
    expect(served).toEqual(['second left', 'first', 'third']);
  });

  it('are not given to a caller that left before, and stay free', async () => {
    const { fn, acquire } = pool(1);
    expect(await fn.acquire(AbortSignal.abort())).toBeUndefined();
    expect(await acquire()).toBeDefined();
  });

  it('are used again after an error, and replaced once they have died or timed out', async () => {
    const { started, invoke } = pool(1);
    await invoke('a', { kind: 'error', message: 'x' });
    expect([started.length, started[0]?.alive]).toEqual([1, true]);
    await invoke('b', { kind: 'timed out', message: 'x' });
    expect(started[0]?.alive).toBe(false);
    await invoke('c', { kind: 'died', message: 'x' });
    await invoke('d');
    expect(started.map(({ alive }) => alive)).toEqual([false, false, true]);
  });

  it('are only given back when they are gone, after they timed out', async () => {
    const { started, acquire } = pool(1);
    let gone: () => void = () => undefined;
    const [first] = started;
    if (first !== undefined) first.kill = () => new Promise((resolve) => (gone = resolve));
    const invoking = (await acquire()).invoke('a');
    first?.invocations[0]?.answer({ kind: 'timed out', message: 'x' });
    let next: Slot | undefined;
    void acquire().then((slot) => (next = slot));
    await setImmediate();
    expect(next).toBeUndefined();
    if (first !== undefined) first.alive = false;
    gone();
    await invoking;
    await setImmediate();
    expect([next === undefined, started.length]).toEqual([false, 2]);
  });

  it('are replaced if they died while they were free', async () => {
    const { fn, started, invoke } = pool(1);
    if (started[0] !== undefined) started[0].alive = false;
    expect(fn.logFiles()).toEqual([]);
    expect(await invoke('a')).toEqual(ANSWER);
    expect(fn.logFiles()).toEqual(['2.log']);
  });

  it('end when the function is stopped, and no caller gets any', async () => {
    const { fn, started, acquire } = pool(2);
    const slot = await acquire();
    const other = await acquire();
    const waiting = fn.acquire(forever);
    await fn.stop();
    expect(started.map(({ alive }) => alive)).toEqual([false, false]);
    slot.release();
    other.release();
    expect(await waiting).toBeUndefined();
    expect(await fn.acquire(forever)).toBeUndefined();
    expect(started).toHaveLength(2);
  });

  it('are ready when all of them are', async () => {
    const { start } = fakeProcesses();
    let failure: (error: Error) => void = () => undefined;
    const readiness = [Promise.resolve(), new Promise<void>((_resolve, reject) => (failure = reject))];
    const fn = createFunctionPool(() => ({ ...start(), ready: readiness.shift() ?? Promise.resolve() }), 2);
    const ready = fn.ready();
    failure(new Error('its module cannot be loaded'));
    await expect(ready).rejects.toThrow('its module cannot be loaded');
  });
});
