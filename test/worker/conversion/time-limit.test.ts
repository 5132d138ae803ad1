import sharp from 'sharp';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { defineConfig } from '../../../src/core/config.ts';
import { defineConversion } from '../../../src/core/conversion.ts';
import { DEFAULT_RECIPE, parseRecipe, type Recipe } from '../../../src/core/recipe.ts';
import { renditionSchema } from '../../../src/core/rendition.ts';
import { wholeContent, type Content } from '../../../src/worker/conversion/content.ts';
import { createConversions, type Conversions } from '../../../src/worker/conversion/conversions.ts';
import { asWebp } from '../../../src/worker/conversion/image/apng/as-webp.ts';
import { inSrgb } from '../../../src/worker/conversion/image/color/in-srgb.ts';
import { inspect } from '../../../src/worker/conversion/image/inspect.ts';
import { deadlineIn } from '../../../src/worker/conversion/image/limits.ts';
import { ofDecoded } from '../../../src/worker/conversion/image/raw.ts';
import { renderImage } from '../../../src/worker/conversion/image/render-image.ts';
import { readyRules } from '../../../src/worker/conversion/rules.ts';
import { runConversion } from '../../../src/worker/conversion/run.ts';
import { createScratch } from '../../../src/worker/conversion/scratch.ts';
import { apngOf, filled } from '../../support/apng-file.ts';
import * as images from '../../support/images.ts';
import { packedTiff } from '../../support/packed-tiff.ts';
import { tiffFile } from '../../support/tiff-file.ts';

const { limits } = DEFAULT_RECIPE;
const TIMEOUT = { name: 'Rejected', code: 'conversion.timeout' };
const RENDITION = renditionSchema.parse({ name: 'a' });
const PIXELS = { data: Buffer.alloc(12), width: 2, height: 2, channels: 3 } as const;
const FRAME = { width: 16, height: 8, pixels: filled(16, 8, [255, 0, 0, 255]) };

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }));
afterEach(() => void vi.useRealTimers());

const passTheLimit = () => void vi.advanceTimersByTime(limits.seconds * 1000);

function run(recipe: Recipe, conversions: Conversions, content: Content) {
  const rule = readyRules(recipe, conversions)('a.bin');
  const of = { key: 'a.bin', bytes: 1, stamp: 'stamp', scratch: createScratch(), renderImage };
  return runConversion(rule, { ...of, renditions: rule.renditions, content });
}

it('the time limit of an image includes reading the upload', async () => {
  const { whole: _, ...content } = wholeContent(await images.tinyPng());
  const slow = {
    ...content,
    async *stream() {
      passTheLimit();
      yield* content.stream();
    },
  };
  await expect(run(parseRecipe('{}'), createConversions(), slow)).rejects.toMatchObject(TIMEOUT);
});

it('images that a conversion renders one after another share its time limit', async () => {
  const twice = defineConversion({
    name: 'twice',
    async convert(job) {
      await job.renderImage(PIXELS, [RENDITION]);
      passTheLimit();
      return job.renderImage(PIXELS, [RENDITION]);
    },
  });
  const { recipe } = defineConfig({ conversions: [{ conversion: twice }] });
  const made = run(recipe, createConversions([twice]), wholeContent(Buffer.of(0)));
  // Its own work may have been slow on a busy machine.
  await expect(made).rejects.toMatchObject({ ...TIMEOUT, name: 'Retryable' });
});

/** A decoder reports damage. */
const DAMAGED = {
  'a TIFF of 12 bits': () => {
    const packed = { width: 8, height: 8, bits: 12, samples: 1, values: [], parts: { rows: 8 } };
    const tiff = packedTiff({ ...packed, deflate: true });
    return tiff.fill(0xff, 8, 12);
  },
  'a TIFF with an extra channel': () => {
    const samples = { bits: 8, samples: 4, photometric: 2, data: Buffer.alloc(4), fields: { 338: [0] } };
    return tiffFile([{ width: 64, height: 64, ...samples }]);
  },
  'an APNG': () => apngOf({ ...FRAME, frames: [FRAME, { ...FRAME, pixels: new Uint8Array(0) }] }),
};

it.each(Object.entries(DAMAGED))('nothing of %s is decoded after the deadline', async (_what, file) => {
  const rendered = (seconds: number) => renderImage(file(), [RENDITION], deadlineIn(seconds), 'stamp');
  await expect(rendered(60)).rejects.toMatchObject({ code: 'image.corrupt' });
  await expect(rendered(0)).rejects.toMatchObject(TIMEOUT);
});

it('the frames of an APNG are not encoded after the deadline', async () => {
  const tools = {
    sharp,
    inspect,
    inSrgb,
    ofDecoded(...pixels: Parameters<typeof ofDecoded>) {
      passTheLimit();
      return ofDecoded(...pixels);
    },
  };
  for (const frames of [[FRAME, FRAME], [FRAME]]) {
    const within = { ...limits, deadline: deadlineIn(limits.seconds) };
    await expect(asWebp(apngOf({ ...FRAME, frames }), true, within, tools)).rejects.toMatchObject(TIMEOUT);
  }
});
