import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { interruptible, onInterrupt } from '../../src/cli/interrupt.ts';

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

let others: NodeJS.SignalsListener[][];
let now: number;
let exited: unknown[];
let printed: string;
beforeEach(() => {
  others = SIGNALS.map((signal) => process.listeners(signal));
  [now, exited, printed] = [1000, [], ''];
  vi.spyOn(performance, 'now').mockImplementation(() => now);
  vi.spyOn(process, 'exit').mockImplementation(((code: unknown) => exited.push(code)) as never);
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    printed += String(text);
    return true;
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  for (const [index, signal] of SIGNALS.entries())
    for (const listener of process.listeners(signal))
      if (!others[index]?.includes(listener)) process.off(signal, listener);
});

/** Calls the listeners that the test added. */
function press(signal: (typeof SIGNALS)[number] = 'SIGINT'): void {
  const before = others[SIGNALS.indexOf(signal)] ?? [];
  for (const listener of process.listeners(signal)) if (!before.includes(listener)) listener(signal);
}

describe('an interruption', () => {
  it.each(SIGNALS)('by %s asks once, and ends the process the second time', (signal) => {
    let asked = 0;
    onInterrupt(() => (asked += 1));
    expect(asked).toBe(0);
    press(signal);
    expect([asked, exited]).toEqual([1, []]);
    now += 501;
    press(signal);
    expect([asked, exited]).toEqual([1, [130]]);
  });

  it('that npm forwards does not count as the second', () => {
    let asked = 0;
    onInterrupt(() => (asked += 1));
    press();
    now += 500;
    press('SIGTERM');
    expect([asked, exited]).toEqual([1, []]);
    now += 1;
    press();
    expect(exited).toEqual([130]);
  });

  it('aborts a signal, and says how to end at once', () => {
    const stop = interruptible();
    expect([stop.aborted, printed]).toEqual([false, '']);
    press();
    expect(stop.aborted).toBe(true);
    expect(printed).toBe('finishing what is in flight; press Ctrl-C again to end at once\n');
  });
});
