import { setImmediate as settled } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { startExpiration } from '../src/expiration.ts';

const DAY = 86_400_000;
/** What happened, in order. */
let steps: string[];
/** The number of keys that expire in each bucket. */
let expiring: Record<string, number>;
let onKey: () => void;
let errors: unknown[];

const s3 = {
  buckets: () => Object.keys(expiring),
  *expire(bucket: string) {
    steps.push(bucket);
    for (let key = 1; key <= (expiring[bucket] ?? 0); key += 1) {
      if (key % 1000 === 0) steps.push(`key ${key}`);
      yield onKey();
    }
  },
};
const journal = { flush: async () => void steps.push('flush') };
type Deps = Parameters<typeof startExpiration>[0];
const start = () =>
  startExpiration({ s3, journal, onError: (error: unknown) => errors.push(error) } as unknown as Deps);

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  steps = [];
  errors = [];
  expiring = { uploads: 2, results: 0 };
  onKey = () => undefined;
});
afterEach(() => void vi.useRealTimers());

it('the lifecycle rules of all buckets apply at the start, and then once a day', async () => {
  const stop = start();
  const once = ['uploads', 'results', 'flush'];
  await settled();
  expect(steps).toEqual(once);
  vi.advanceTimersByTime(DAY - 1);
  await settled();
  expect(steps).toEqual(once);
  vi.advanceTimersByTime(1);
  await settled();
  expect(steps).toEqual([...once, ...once]);
  await stop();
  vi.advanceTimersByTime(2 * DAY);
  expect(steps).toEqual([...once, ...once]);
});

it('after each thousand keys, the journal is written and others can work', async () => {
  expiring = { uploads: 2500 };
  const stop = start();
  await settled();
  expect(steps).toEqual(['uploads', 'key 1000', 'flush', 'key 2000', 'flush', 'flush']);
  await stop();
});

it('a stop waits for the write in progress, and leaves the other keys to the next start', async () => {
  expiring = { uploads: 5000, results: 1 };
  let keys = 0;
  onKey = () => void (keys += 1);
  const stop = start();
  await stop();
  expect(keys).toBe(1000);
  expect(steps).toEqual(['uploads', 'key 1000', 'flush']);
});

it('an error is reported, and the next day is another attempt', async () => {
  const failure = new Error('the disk is full');
  onKey = () => {
    throw failure;
  };
  const stop = start();
  await settled();
  expect(errors).toEqual([failure]);
  onKey = () => undefined;
  vi.advanceTimersByTime(DAY);
  await settled();
  expect(steps).toContain('flush');
  await stop();
});
