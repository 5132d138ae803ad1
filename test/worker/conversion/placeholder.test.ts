import sharp from 'sharp';
import { thumbHashToApproximateAspectRatio, thumbHashToRGBA } from 'thumbhash';
import { describe, expect, it } from 'vitest';
import { parseRecipe } from '../../../src/core/recipe.ts';
import { convertImage } from '../../support/convert-image.ts';
import * as images from '../../support/images.ts';
import { pixelAt, rendered } from '../../support/rendered.ts';

/** Returns the metadata of a rendition without the size. */
async function metadataOf(source: Uint8Array, rendition: object = {}): Promise<Record<string, string>> {
  const options = { name: 'web', format: 'png', placeholder: 'thumbhash', ...rendition };
  const recipe = parseRecipe(JSON.stringify({ renditions: [options] }));
  const [result] = await convertImage(source, recipe, 'stamp');
  const { width: _, height: __, ...others } = result?.metadata ?? {};
  return others;
}

const redBesideBlue = () => images.halves('#ff0000', '#0000ff', 240, 80).png().toBuffer();

/** Red at the left, and twice as much of two other colors. */
const mostlyGreen = () =>
  sharp({ create: { width: 150, height: 50, channels: 3, background: '#13c64b' } })
    .composite([
      { input: { create: { width: 50, height: 50, channels: 3, background: '#ff0000' } }, left: 0, top: 0 },
    ])
    .png()
    .toBuffer();

/** Returns the strongest channel of a ThumbHash's picture, at fractions of its width and height. */
async function strongestAt(thumbhash: string | undefined, x: number, y: number): Promise<string> {
  const { w, h, rgba } = thumbHashToRGBA(Buffer.from(thumbhash ?? '', 'base64'));
  const png = await sharp(rgba, { raw: { width: w, height: h, channels: 4 } })
    .png()
    .toBuffer();
  const [red = 0, green = 0, blue = 0] = await pixelAt(png, Math.floor(x * (w - 1)), Math.floor(y * (h - 1)));
  return ['red', 'green', 'blue'][[red, green, blue].indexOf(Math.max(red, green, blue))] ?? '';
}

describe('the ThumbHash of a result', () => {
  it('stands for the picture as the result shows it: cropped and turned', async () => {
    const source = await redBesideBlue();
    const { thumbhash: whole } = await metadataOf(source);
    expect([await strongestAt(whole, 0, 0.5), await strongestAt(whole, 1, 0.5)]).toEqual(['red', 'blue']);
    const { thumbhash: turned } = await metadataOf(source, { rotate: 90 });
    expect([await strongestAt(turned, 0.5, 0), await strongestAt(turned, 0.5, 1)]).toEqual(['red', 'blue']);
    const right = { width: 80, height: 80, fit: 'cover', position: 'right' };
    const { thumbhash: cropped } = await metadataOf(source, right);
    expect([await strongestAt(cropped, 0, 0.5), await strongestAt(cropped, 1, 0.5)]).toEqual([
      'blue',
      'blue',
    ]);
  });

  it.each(['jpeg', 'webp', 'avif', 'source'])(
    'is of the first frame, in the format %s too',
    async (format) => {
      const { thumbhash } = await metadataOf(await images.animatedGif(), { format });
      expect(await strongestAt(thumbhash, 0.5, 0.5)).toBe('red');
    },
  );

  it('has the proportions of the picture', async () => {
    const { thumbhash: wide = '' } = await metadataOf(await redBesideBlue());
    const { thumbhash: tall = '' } = await metadataOf(await redBesideBlue(), {
      width: 20,
      height: 60,
      fit: 'cover',
    });
    const ratio = (hash: string) => thumbHashToApproximateAspectRatio(Buffer.from(hash, 'base64'));
    expect([ratio(wide), ratio(tall)].map((each) => Math.round(each * 10))).toEqual([35, 3]);
  });

  it('keeps transparency', async () => {
    const { thumbhash = '' } = await metadataOf(await images.greyWithAlphaPng());
    const { w, rgba } = thumbHashToRGBA(Buffer.from(thumbhash, 'base64'));
    expect([rgba[3], rgba[(w - 1) * 4 + 3]].map((alpha = 0) => alpha > 128)).toEqual([true, false]);
  });

  it('is in the same metadata each time, and fits beside what Millrace writes itself', async () => {
    const photo = await images.photo();
    const metadata = await metadataOf(photo, { format: 'webp' });
    expect(metadata).toEqual(await metadataOf(photo, { format: 'webp' }));
    expect(Object.keys(metadata)).toEqual(['dominant-color', 'thumbhash']);
    expect(Object.entries(metadata).flat().join('').length).toBeLessThan(100);
    expect(metadata['thumbhash']).toMatch(/^[\w+/]+=*$/);
  });
});

describe('the dominant color of a result', () => {
  it('is that of most of what is visible', async () => {
    expect(await metadataOf(await mostlyGreen(), { placeholder: 'color' })).toEqual({
      'dominant-color': '#13c64b',
    });
    // Much of it is transparent.
    const clear = { r: 0, g: 0, b: 0, alpha: 0 };
    const source = await sharp(await mostlyGreen())
      .ensureAlpha()
      .extend({ bottom: 100, background: clear })
      .png()
      .toBuffer();
    expect(await metadataOf(source, { placeholder: 'color' })).toEqual({ 'dominant-color': '#13c64b' });
    expect(await metadataOf(source, { placeholder: 'color', format: 'jpeg' })).toEqual({
      'dominant-color': '#ffffff',
    });
  });

  it('is the mean of similar colors', async () => {
    const source = await images.halves('#404850', '#44485e', 20, 20).png().toBuffer();
    expect(await metadataOf(source, { placeholder: 'color' })).toEqual({ 'dominant-color': '#424857' });
  });

  it('does not exist if nothing is visible', async () => {
    const background = { r: 255, g: 0, b: 0, alpha: 0 };
    const source = await sharp({ create: { width: 9, height: 9, channels: 4, background } })
      .png()
      .toBuffer();
    expect(await metadataOf(source, { placeholder: 'color' })).toEqual({});
    expect(Object.keys(await metadataOf(source))).toEqual(['thumbhash']);
  });
});

it('a rendition has no placeholder unless it asks for one', async () => {
  const renditions = [
    { name: 'plain', format: 'png' },
    { name: 'hashed', format: 'png', rotate: 180, placeholder: 'thumbhash' },
  ];
  const recipe = parseRecipe(JSON.stringify({ renditions }));
  const [plain, hashed] = await convertImage(await redBesideBlue(), recipe, 'stamp');
  expect(plain?.metadata).toEqual({ width: '240', height: '80' });
  expect(hashed?.rendition).toBe('hashed');
  expect(await strongestAt(hashed?.metadata['thumbhash'], 0, 0.5)).toBe('blue');
});

it('a placeholder does not change the bytes of a result', async () => {
  const source = await images.photo();
  const without = await rendered(source, { width: 80 });
  expect(Buffer.compare(await rendered(source, { width: 80, placeholder: 'thumbhash' }), without)).toBe(0);
});
