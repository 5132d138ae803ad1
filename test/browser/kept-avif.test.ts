import sharp from 'sharp';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { av1Of, avifOf, monochromeAv1, nclx } from '../support/avif.ts';
import { launchBrowser } from '../support/browser.ts';
import { photo } from '../support/images.ts';
import { needs } from '../support/needs.ts';
import { rendered } from '../support/rendered.ts';
import { avifWithMetadata } from '../support/with-metadata.ts';

const SIZE = { width: 200, height: 134 };
const POOR = { quality: 10, effort: 0 };

const small = async () => sharp(await photo()).resize(SIZE);
const png = async () => (await small()).png().toBuffer();

async function withCodePoints(): Promise<Buffer> {
  const [color] = await av1Of(await png(), POOR);
  if (color === undefined) throw new Error('expected an image');
  return avifOf({ color, properties: [nclx(1, 13)] });
}

describe('a browser shows a kept AVIF as it shows the upload', needs('chromium'), () => {
  let browser: Browser;
  let page: Page;
  beforeAll(async () => {
    browser = await launchBrowser();
    page = await browser.newPage();
  });
  afterAll(() => browser.close());

  /** Returns the pixels that the browser shows. */
  const shown = (avif: Uint8Array) =>
    page.evaluate(async (base64) => {
      const answer = await fetch(`data:image/avif;base64,${base64}`);
      const bitmap = await createImageBitmap(await answer.blob());
      const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d');
      if (context === null) throw new Error('expected a canvas');
      context.drawImage(bitmap, 0, 0);
      return [...context.getImageData(0, 0, bitmap.width, bitmap.height).data];
    }, Buffer.from(avif).toString('base64'));

  it.each<[name: string, make: () => Promise<Buffer>]>([
    ['in color', async () => (await small()).avif(POOR).toBuffer()],
    ['with metadata', async () => avifWithMetadata(await (await small()).avif(POOR).toBuffer(), SIZE)],
    [
      'with transparency',
      async () =>
        sharp(await png())
          .ensureAlpha(0.5)
          .avif(POOR)
          .toBuffer(),
    ],
    ['in grey', async () => avifOf({ color: await monochromeAv1(await png(), POOR) })],
    ['with code points', withCodePoints],
  ])('%s', async (_name, make) => {
    const source = await make();
    const [encoded, kept] = await Promise.all([
      rendered(source, { format: 'avif' }),
      rendered(source, { format: 'avif', keepSmaller: true }),
    ]);
    expect(kept.length).toBeLessThan(encoded.length);
    const [before, after] = [await shown(source), await shown(kept)];
    expect(after).toHaveLength(SIZE.width * SIZE.height * 4);
    expect(after).toEqual(before);
  });
});
