import { beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../eventually.ts';

// Run by evidence.test.ts with a short time limit.
const never = () => new Promise<void>(() => {});

it('never ends', async () => expect(await never()).toBeUndefined());
describe('the tests after a hook', () => {
  beforeEach(never);
  it('do not begin', () => expect(1).toBe(1));
});
it('waits', async () => {
  expect(await eventually('pigs fly', () => Promise.resolve(false))).toBe(true);
});
