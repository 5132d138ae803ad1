import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { finish, spawnCommand } from '../support/command.ts';
import { serveManyKeys, type ManyKeys } from '../support/million-keys.ts';
import { takesLong } from '../support/takes-long.ts';

takesLong();

let many: ManyKeys;
beforeAll(async () => {
  many = await serveManyKeys(1_000_000);
});
afterAll(() => many.stop());

/** Limits the heap, because V8 collects garbage only when necessary. The keys alone would not fit. */
const BOUNDED = '--max-old-space-size=64 --max-semi-space-size=2';
const REPORT = pathToFileURL('test/support/report-memory.mjs').href;
const MEGABYTE = 1024;

it('status counts a million keys within 150 MB, with only listing requests', async () => {
  const { code, stdout, stderr } = await finish(
    spawnCommand(['status', '--endpoint', many.url, '--json'], {
      NODE_OPTIONS: `${BOUNDED} --import ${REPORT}`,
    }),
  );
  expect(JSON.parse(stdout)).toEqual({ type: 'summary', basis: 'listings', ...many.counts });
  // Some uploads failed, and some are pending.
  expect(code).toBe(4);
  expect(many.requests()).toBe(many.pages);
  const kilobytes = Number(/maxRSS (\d+)/.exec(stderr)?.[1]);
  expect(kilobytes).toBeGreaterThan(0);
  expect(kilobytes).toBeLessThan(150 * MEGABYTE);
});
