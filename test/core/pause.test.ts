import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { pause } from '../../src/core/pause.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Returns whether a one-second pause has ended: after its start, and after its time. */
async function ends(stop?: AbortSignal): Promise<boolean[]> {
  let over = false;
  void pause(1000, stop).then(() => (over = true));
  await vi.advanceTimersByTimeAsync(999);
  const early = over;
  await vi.advanceTimersByTimeAsync(1);
  return [early, over];
}

it('a pause ends after its time', async () => {
  expect(await ends()).toEqual([false, true]);
  expect(await ends(new AbortController().signal)).toEqual([false, true]);
});

it('a pause ends when it is aborted, and leaves no timer behind', async () => {
  const stop = new AbortController();
  setTimeout(() => stop.abort(), 500);
  expect(await ends(stop.signal)).toEqual([true, true]);
  expect(await ends(stop.signal)).toEqual([true, true]);
  expect(vi.getTimerCount()).toBe(0);
});
