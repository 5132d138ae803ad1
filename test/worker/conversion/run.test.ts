import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { defineConversion, type MadeResult } from '../../../src/core/conversion.ts';
import { wholeContent } from '../../../src/worker/conversion/content.ts';
import { renderImage } from '../../../src/worker/conversion/image/render-image.ts';
import { runConversion } from '../../../src/worker/conversion/run.ts';
import { createScratch } from '../../../src/worker/conversion/scratch.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
afterEach(() => void vi.useRealTimers());

const result = (rendition: string): MadeResult => ({
  rendition,
  body: Buffer.from(rendition),
  contentType: 'text/csv',
});

/** Asks a conversion for the renditions `a` and `b`. */
function run(convert: () => Promise<readonly MadeResult[]>) {
  // As built with an earlier version of Millrace, which did not check the results.
  const code = defineConversion({ name: 'csv', renditions: ['a', 'b'], convert });
  const rule = { conversion: 'csv', renditions: ['a', 'b'], keys: [], options: {}, version: 1, code };
  const of = { key: 'a.csv', bytes: 1, stamp: 's', renditions: ['a', 'b'], scratch: createScratch() };
  const limits = { bytes: 1000, seconds: 1 };
  const content = wholeContent(Buffer.from('x'));
  return runConversion({ ...rule, limits }, { ...of, content, renderImage });
}

it('results are in the order of the renditions, and no timer is left behind', async () => {
  const made = await run(() => Promise.resolve([result('b'), result('a')]));
  expect(made.map(({ rendition }) => rendition)).toEqual(['a', 'b']);
  expect(vi.getTimerCount()).toBe(0);
});

it.each([
  [[], 'nothing'],
  [['b', 'c'], 'b, c'],
  [['a', 'a', 'b'], 'a, a, b'],
])('a conversion that makes %j instead of the renditions fails, and leaves no timer', async (made, names) => {
  const message = `the conversion csv failed: Error: it was asked for the rendition a, and made ${names}`;
  await expect(run(() => Promise.resolve(made.map(result)))).rejects.toMatchObject({
    code: 'internal.unexpected',
    message,
  });
  expect(vi.getTimerCount()).toBe(0);
});
