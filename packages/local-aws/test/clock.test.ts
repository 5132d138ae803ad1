import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createClock, type RunningClock } from '../src/clock.ts';
import { openClock } from '../src/persistent-clock.ts';
import { fakeMachine } from './support/fake-machine.ts';
import { cases, fc } from '../../../test/support/fuzz.ts';
import { memoryJournal } from './support/memory-journal.ts';

const SECOND = 1000;
const DAY = 86_400 * SECOND;

const jumps = fc.integer({ min: -60 * DAY, max: 60 * DAY });
const step = fc.oneof(
  fc.record({ kind: fc.constant('run' as const), milliseconds: fc.nat(20 * SECOND) }),
  fc.record({ kind: fc.constant('jump' as const), milliseconds: jumps }),
  // Some systems count the time during a suspension.
  fc.record({ kind: fc.constant('suspend' as const), milliseconds: fc.nat(60 * DAY) }),
  fc.record({ kind: fc.constant('restart' as const), milliseconds: jumps }),
);
const steps = fc.array(step, { maxLength: 40 });

it("a clock never goes back, is never slower than real time, and follows the machine's clock forward", () => {
  fc.assert(
    fc.property(steps, (happened) => {
      const machine = fakeMachine();
      let clock = createClock(machine);
      for (const { kind, milliseconds } of happened) {
        const before = clock.now();
        if (kind === 'jump') machine.jump(milliseconds);
        else if (kind !== 'restart') machine.pass(milliseconds);
        else {
          const runs = clock.runs();
          machine.jump(milliseconds);
          clock = createClock(machine, runs);
        }
        const passed = kind === 'jump' || kind === 'restart' ? 0 : milliseconds;
        expect(clock.now()).toBeGreaterThanOrEqual(before + passed);
        expect(clock.now()).toBeGreaterThanOrEqual(machine.wall());
      }
    }),
    { numRuns: cases(300) },
  );
});

it('running time ignores clock jumps and restarts, and counts at most one minute of a suspension', () => {
  fc.assert(
    fc.property(steps, fc.nat(40), (happened, stored) => {
      const machine = fakeMachine();
      let clock: RunningClock = createClock(machine);
      let at = clock.now();
      let atLeast = 0;
      let atMost = 0;
      for (const [index, { kind, milliseconds }] of happened.entries()) {
        if (index === stored) {
          at = clock.now();
          atLeast = 0;
          atMost = 0;
        }
        if (kind === 'run' || kind === 'suspend') {
          machine.pass(milliseconds);
          atLeast += Math.min(milliseconds, 60 * SECOND);
          atMost += Math.min(milliseconds, 60 * SECOND) + SECOND;
        } else if (kind === 'jump') {
          machine.jump(milliseconds);
          atMost += SECOND;
        } else {
          const runs = clock.runs();
          machine.jump(milliseconds);
          clock = createClock(machine, runs);
        }
        expect(clock.ranSince(at)).toBeGreaterThanOrEqual(atLeast);
        expect(clock.ranSince(at)).toBeLessThanOrEqual(atMost);
      }
    }),
    { numRuns: cases(300) },
  );
});

it('after more restarts than the clock remembers, no age is too high, and the oldest is exact', () => {
  const machine = fakeMachine();
  let clock = createClock(machine);
  const stored: { at: number; ran: number }[] = [];
  let ran = 0;
  for (let start = 0; start < 1000; start += 1) {
    stored.push({ at: clock.now(), ran });
    for (let minute = 0; minute < 30; minute += 1) {
      machine.pass(60 * SECOND);
      clock.now();
    }
    ran += 30 * 60 * SECOND;
    const runs = clock.runs();
    machine.pass(DAY);
    clock = createClock(machine, runs);
    expect(clock.runs().length).toBeLessThanOrEqual(100);
  }
  for (const each of stored) expect(clock.ranSince(each.at)).toBeLessThanOrEqual(ran - each.ran);
  expect(clock.ranSince(stored[0]?.at ?? 0)).toBe(ran);
  // The ages from the last runs are exact.
  for (const each of stored.slice(-90)) expect(clock.ranSince(each.at)).toBe(ran - each.ran);
});

it("a data folder's clock continues where the previous process stopped, even if the machine's clock went back", async () => {
  const journal = memoryJournal();
  const machine = fakeMachine();
  const before = await openClock(journal, machine);
  before.start();
  const at = before.clock.now();
  machine.pass(50 * SECOND);
  before.stop();
  machine.jump(-30 * DAY);
  const after = await openClock(journal, machine);
  expect(after.clock.now()).toBe(at + 50 * SECOND);
  expect(after.clock.ranSince(at)).toBe(50 * SECOND);
  machine.pass(10 * SECOND);
  expect(after.clock.now()).toBe(at + 60 * SECOND);
  expect(after.clock.ranSince(at)).toBe(60 * SECOND);
});

describe('with timers', () => {
  beforeEach(
    () => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] }),
  );
  afterEach(() => void vi.useRealTimers());

  it('a clock calls once when the time is over, however long it is, unless that is canceled', () => {
    const called: string[] = [];
    const clock = createClock(fakeMachine());
    clock.after(5 * SECOND, () => void called.push('soon'));
    clock.after(60 * DAY, () => void called.push('late'));
    clock.after(SECOND, () => void called.push('canceled'))();
    vi.advanceTimersByTime(5 * SECOND - 1);
    expect(called).toEqual([]);
    vi.advanceTimersByTime(DAY);
    expect(called).toEqual(['soon']);
  });

  it("a data folder's clock is kept meanwhile, in case the process is killed", async () => {
    const journal = memoryJournal();
    const machine = fakeMachine();
    const flush = vi.spyOn(journal, 'flush').mockRejectedValue(new Error('no space is left'));
    const killed = await openClock(journal, machine);
    killed.start();
    const at = killed.clock.now();
    for (let second = 0; second < 3600; second += 1) {
      machine.pass(SECOND);
      vi.advanceTimersByTime(SECOND);
    }
    machine.jump(-DAY);
    const after = await openClock(journal, machine);
    expect(after.clock.now() - at).toBeGreaterThan(3000 * SECOND);
    expect(flush.mock.calls.length).toBeLessThan(200);
    killed.stop();
  });

  it("a data folder's clock that did not start keeps nothing when it stops", async () => {
    const journal = memoryJournal();
    const put = vi.spyOn(journal, 'put');
    (await openClock(journal, fakeMachine())).stop();
    expect(put).not.toHaveBeenCalled();
  });
});
