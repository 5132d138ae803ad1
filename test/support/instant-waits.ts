import { afterEach, beforeEach, vi } from 'vitest';

/** More than any test needs. Code that never stops waiting fails instead of hanging. */
const MOST_WAITS = 50;

/** Makes every `setTimeout` of the tests in this scope return at once. Returns the milliseconds of the waits of each test. */
export function instantWaits(): number[] {
  const waits: number[] = [];
  beforeEach(() => {
    waits.length = 0;
    vi.spyOn(globalThis, 'setTimeout').mockImplementation(((run: () => void, milliseconds: number) => {
      waits.push(milliseconds);
      if (waits.length > MOST_WAITS) throw new Error('still waiting');
      return setImmediate(run);
    }) as never);
  });
  afterEach(() => vi.restoreAllMocks());
  return waits;
}
