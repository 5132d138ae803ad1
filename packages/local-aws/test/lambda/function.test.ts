import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import {
  createFunctionPool,
  createLocalFunction,
  type LocalFunction,
  type Slot,
} from '../../src/lambda/function.ts';
import type { FunctionCode, FunctionProcess } from '../../src/lambda/function-process.ts';
import { handlerFile } from '../../../../test/support/handler-file.ts';
import { eventually } from '../../../../test/support/eventually.ts';
import { needs } from '../../../../test/support/needs.ts';
import type { Order, Report } from '../../../../test/support/handlers/obedient.ts';

let folder: string;
let fn: LocalFunction | undefined;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-test-'));
  fn = undefined;
});
afterEach(async () => {
  await fn?.stop();
  await rm(folder, { recursive: true });
});

const forever = new AbortController().signal;

function begin(
  concurrency = 1,
  {
    module = 'obedient',
    timeoutSeconds = 60,
    onNotStarted,
    onEvent,
  }: Partial<Pick<FunctionCode, 'module' | 'timeoutSeconds' | 'onNotStarted' | 'onEvent'>> = {},
): LocalFunction {
  const path = handlerFile(module);
  fn = createLocalFunction(
    {
      name: 'obedient',
      module: path,
      runtime: handlerFile('runtime'),
      timeoutSeconds,
      logFolder: folder,
      env: { COLOUR: 'red' },
      onNotStarted: (error) => onNotStarted?.(error),
      onEvent: (event) => onEvent?.(event),
    },
    concurrency,
  );
  return fn;
}

async function start(...options: Parameters<typeof begin>): Promise<LocalFunction> {
  const begun = begin(...options);
  await begun.ready();
  return begun;
}

async function acquired(from: LocalFunction): Promise<Slot> {
  const slot = await from.acquire(forever);
  if (slot === undefined) throw new Error('no process was given');
  return slot;
}

async function report(from: LocalFunction, order: Order = {}): Promise<Report> {
  const invoked = await (await acquired(from)).invoke(order);
  if (invoked.kind !== 'answer') throw new Error(invoked.message);
  return invoked.value as Report;
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe('a local function', () => {
  it('answers its event in a process, with its environment and a context like Lambda’s', async () => {
    const local = await start();
    const first = await report(local, { dieLater: false });
    expect(first).toMatchObject({ order: { dieLater: false }, functionName: 'obedient', colour: 'red' });
    expect(first.remainingMilliseconds).toBeGreaterThan(0);
    expect(first.remainingMilliseconds).toBeLessThanOrEqual(60_000);
    expect(first.pid).not.toBe(process.pid);
    const second = await report(local);
    expect(second.pid).toBe(first.pid);
    expect(second.requestId).not.toBe(first.requestId);
  });

  it('passes on the events that its code sends, in order, before the answer', async () => {
    const events: unknown[] = [];
    const local = await start(1, { onEvent: (event) => void events.push(event) });
    await report(local, { events: ['one', 'two'] });
    expect(events).toEqual(['one', 'two']);
    await (await acquired(local)).invoke({ events: ['three'], throw: 'on purpose' } satisfies Order);
    expect(events).toEqual(['one', 'two', 'three']);
  });

  it('reports what its code threw, and continues in the same process', async () => {
    const local = await start();
    const { pid } = await report(local);
    const invoked = await (await acquired(local)).invoke({ throw: 'on purpose' } satisfies Order);
    expect(invoked).toMatchObject({
      kind: 'error',
      message: expect.stringMatching(/^TypeError: on purpose\n.*obedient\.js/),
    });
    expect((await report(local)).pid).toBe(pid);
  });

  it('replaces a process that died while idle', async () => {
    const local = await start();
    const { pid } = await report(local, { dieLater: true });
    await eventually('the process is gone', () => Promise.resolve(!isAlive(pid)));
    const next = await eventually('another one answers', async () => {
      const invoked = await (await acquired(local)).invoke({});
      return invoked.kind === 'answer' && (invoked.value as Report);
    });
    expect(next.pid).not.toBe(pid);
  });

  it.each(['dies', 'is stopped'])('ends the programs of a process that %s', async (how) => {
    const local = await start();
    const { program = 0 } = await report(local, { startProgram: true });
    expect(isAlive(program)).toBe(true);
    if (how === 'dies') await report(local, { dieLater: true });
    else await local.stop();
    await eventually('the program is gone', () => Promise.resolve(!isAlive(program)));
  });

  it.each([
    // Node reports this with an event.
    ['without its program', 'ENOENT', () => (process.execPath = join(folder, 'missing'))],
    // Node throws this, and lack of memory.
    ['with too large an environment', 'E2BIG', () => (process.env['HUGE'] = 'x'.repeat(4_000_000))],
  ])('tries again after a pause if a process cannot be started %s', async (_how, code, spoil) => {
    const { execPath } = process;
    const restore = () => {
      process.execPath = execPath;
      delete process.env['HUGE'];
    };
    const errors: Error[] = [];
    spoil();
    try {
      const local = begin(1, { onNotStarted: (error) => void errors.push(error) });
      const slot = local.acquire(forever);
      await eventually('it has been tried twice', () => Promise.resolve(errors.length > 1));
      restore();
      expect(await (await slot)?.invoke({})).toMatchObject({ kind: 'answer' });
      expect(errors[0]?.message).toContain(code);
    } finally {
      restore();
    }
  });

  it('kills a process that times out, and gives the next caller a new one', async () => {
    const local = await start(1, { timeoutSeconds: 5 });
    const { pid } = await report(local);
    const slow = (await acquired(local)).invoke({ waitFor: join(folder, 'never') } satisfies Order);
    const next = report(local);
    expect(await slow).toEqual({ kind: 'timed out', message: 'the function ran longer than 5 s' });
    expect((await next).pid).not.toBe(pid);
    expect(isAlive(pid)).toBe(false);
  });

  it('does not count process startup as invocation time', async () => {
    const slot = await acquired(begin());
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    // The process is not ready yet, as after the crash of a process.
    const invoking = slot.invoke({});
    vi.advanceTimersByTime(60_000);
    vi.useRealTimers();
    const invoked = await invoking;
    if (invoked.kind !== 'answer') throw new Error(invoked.message);
    const { loadedAt, remainingMilliseconds, reportedAt } = invoked.value as Report;
    expect(reportedAt + remainingMilliseconds - 60_000).toBeGreaterThanOrEqual(loadedAt);
  });

  it('gives a free process to the longest-waiting caller', async () => {
    const local = await start();
    const slot = await acquired(local);
    const served: string[] = [];
    const waits = ['first', 'second', 'third'].map(async (name) => {
      const given = await acquired(local);
      served.push(name);
      given.release();
    });
    await Promise.resolve();
    expect(served).toEqual([]);
    slot.release();
    await Promise.all(waits);
    expect(served).toEqual(['first', 'second', 'third']);
  });

  it('skips a caller that has stopped waiting and gives the process to the next', async () => {
    const local = await start();
    const slot = await acquired(local);
    const leaving = new AbortController();
    const left = local.acquire(leaving.signal);
    const stayed = acquired(local);
    leaving.abort();
    expect(await left).toBeUndefined();
    expect(await local.acquire(leaving.signal)).toBeUndefined();
    slot.release();
    (await stayed).release();
    expect(await local.acquire(leaving.signal)).toBeUndefined();
    expect((await report(local)).pid).toBeGreaterThan(0);
  });

  it('runs one concurrent invocation per process', async () => {
    const local = await start(2);
    const waitFor = join(folder, 'go');
    const both = [report(local, { waitFor }), report(local, { waitFor })];
    const third = new AbortController();
    const waiting = local.acquire(third.signal);
    third.abort();
    expect(await waiting).toBeUndefined();
    await writeFile(waitFor, '');
    const pids = (await Promise.all(both)).map(({ pid }) => pid);
    expect(new Set(pids).size).toBe(2);
  });

  it('stops all its processes when it is stopped, including busy ones', async () => {
    const local = await start(2);
    const { pid } = await report(local);
    const busy = (await acquired(local)).invoke({ waitFor: join(folder, 'never') } satisfies Order);
    await local.stop();
    expect(await busy).toMatchObject({ kind: 'died', message: expect.stringContaining('SIGKILL') });
    expect(isAlive(pid)).toBe(false);
  });

  it('names the error that ended a process, and its log', async () => {
    const local = await start();
    const order: Order = { throwLater: 'nobody catches this' };
    const invoked = await (await acquired(local)).invoke(order);
    expect(invoked).toEqual({
      kind: 'died',
      message: 'the process ended with exit code 1: TypeError: nobody catches this',
      logFile: expect.stringContaining(folder),
    });
  });

  it('says how a process ended that was gone before it got its event', needs('linux on x64'), async () => {
    const local = await start();
    const { pid } = await report(local);
    const lost = (await acquired(local)).invoke({});
    process.kill(pid, 'SIGKILL');
    // Until it is a zombie and its threads, which share its files, have ended. Nothing else runs in the meantime, so
    // the event is not sent yet.
    while (!readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ')) continue;
    while (readdirSync(`/proc/${pid}/task`).length > 1) continue;
    expect(await lost).toMatchObject({ kind: 'died', message: expect.stringContaining('SIGKILL') });
  });

  it('refuses invocations once it is stopped', async () => {
    const local = await start(2);
    await local.stop();
    expect(await local.acquire(forever)).toBeUndefined();
  });

  it('turns away every caller that waits for a process when it is stopped', async () => {
    const local = await start();
    const busy = (await acquired(local)).invoke({ waitFor: join(folder, 'never') } satisfies Order);
    const given = vi.fn<(slot: Slot | undefined) => void>();
    void local.acquire(forever).then(given);
    void local.acquire(forever).then(given);
    await local.stop();
    await busy;
    await setImmediate();
    expect(given.mock.calls).toEqual([[undefined], [undefined]]);
  });

  it('starts no process once it is stopped, even for a caller that waited for one', async () => {
    let canStart = false;
    const startProcess = vi.fn<() => FunctionProcess>(() => ({
      alive: canStart,
      ready: Promise.resolve(),
      logFile: '',
      invoke: () => Promise.reject(new Error('expected no invocation')),
      kill: () => Promise.resolve(),
    }));
    const pool = createFunctionPool(startProcess, 1);
    const slot = pool.acquire(forever);
    const before = startProcess.mock.calls.length;
    await pool.stop();
    canStart = true;
    expect(await slot).toBeUndefined();
    expect(startProcess).toHaveBeenCalledTimes(before);
  });

  it('keeps a log file for each process', async () => {
    await start(2, { module: 'talkative' });
    const logs = (await readdir(folder)).filter((name) => name.endsWith('.log'));
    expect(logs).toHaveLength(2);
    for (const log of logs) expect(await readFile(join(folder, log), 'utf8')).toBe('loaded\nwarned\n');
  });

  it('fails at the start if its module cannot be loaded', async () => {
    await expect(start(1, { module: 'nowhere' })).rejects.toThrow(/obedient did not start:[^]*nowhere\.js/);
  });
});
