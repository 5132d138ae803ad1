import { setTimeout } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { defineConfig } from '../../../src/core/config.ts';
import { defineConversion, type ConversionJob } from '../../../src/core/conversion.ts';
import { streamedContent } from '../../../src/worker/conversion/content.ts';
import { renderImage } from '../../../src/worker/conversion/image/render-image.ts';
import { readyRules } from '../../../src/worker/conversion/rules.ts';
import { runConversion, STILL_RUNNING } from '../../../src/worker/conversion/run.ts';
import { createScratch } from '../../../src/worker/conversion/scratch.ts';

/** Runs a conversion with a limit of one second on a source that never ends. */
async function run(convert: (job: ConversionJob<Record<string, never>>) => Promise<unknown>) {
  const csv = defineConversion({
    name: 'csv',
    streams: true,
    limits: { seconds: 1 },
    async convert(job) {
      await convert(job);
      return [];
    },
  });
  const { recipe } = defineConfig({ conversions: [{ conversion: csv }] });
  const rule = readyRules(recipe, new Map([['csv', csv]]))('a.csv');
  const content = await streamedContent(endless());
  const of = { key: 'a.csv', bytes: 1, stamp: 'v1.0', renditions: ['csv'], scratch: createScratch() };
  return runConversion(rule, { ...of, content, renderImage });
}

async function* endless() {
  for (;;) {
    await setTimeout(1);
    yield Buffer.from('a,b\n');
  }
}

async function drain(chunks: AsyncIterable<Uint8Array>) {
  for await (const _ of chunks);
}

it.each<[string, (job: ConversionJob<Record<string, never>>) => Promise<unknown>]>([
  ['reads its source as a stream', ({ source }) => drain(source.stream())],
  ['reads its source as a whole', ({ source }) => source.content()],
  ['waits by its signal', ({ signal }) => setTimeout(60_000, undefined, { signal })],
  [
    'loops by its signal',
    async ({ signal }) => {
      for (;;) {
        signal.throwIfAborted();
        await setTimeout(1);
      }
    },
  ],
])('a conversion that %s ends with conversion.timeout when its time is up', async (_what, convert) => {
  await expect(run(convert)).rejects.toMatchObject({
    name: 'Retryable',
    code: 'conversion.timeout',
    message: 'it took longer than 1 s, its limit',
  });
});

it('a conversion that goes on is left behind, and the error says so', async () => {
  await expect(run(() => new Promise(() => undefined))).rejects.toThrow(STILL_RUNNING);
});
