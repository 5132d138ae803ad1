import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { parseRecipe } from '../../../src/core/recipe.ts';
import { renditionSchema } from '../../../src/core/rendition.ts';
import { deadlineIn } from '../../../src/worker/conversion/image/limits.ts';
import { renderImage } from '../../../src/worker/conversion/image/render-image.ts';
import { pageOffsets } from '../../../src/worker/conversion/image/tiff/directory.ts';
import { convertImage } from '../../support/convert-image.ts';
import { preview, sensorOf } from '../../support/formats/raw.ts';
import { cases, fc } from '../../support/fuzz.ts';
import * as images from '../../support/images.ts';
import { pixelAt, rendered } from '../../support/rendered.ts';
import { tiffFile, type TiffImage } from '../../support/tiff-file.ts';

const RED = [255, 0, 0, 255];
const GREEN = [0, 255, 0, 255];
const BLUE = [0, 0, 255, 255];

const page = (color: readonly number[], width = 4): TiffImage => ({
  width,
  height: 2,
  bits: 8,
  samples: 3,
  photometric: 2,
  data: Buffer.from(Array.from({ length: width * 2 }, () => color.slice(0, 3)).flat()),
});

/** Each page has a size of its own. */
const three = () => tiffFile([page(RED, 4), page(GREEN, 6), page(BLUE, 8)]);

async function colorsOf(source: Uint8Array, ...renditions: object[]) {
  const named = renditions.map((rendition, index) => ({ name: `r${index}`, format: 'png', ...rendition }));
  const results = await convertImage(source, parseRecipe(JSON.stringify({ renditions: named })), 'stamp');
  const shown = results.map(async ({ bytes, width }) => [width, ...(await pixelAt(bytes, 0, 0))]);
  return { names: results.map(({ rendition }) => rendition), shown: await Promise.all(shown) };
}

const refusal = (source: Uint8Array, number: number) => rendered(source, { page: number });

describe('a page of a TIFF', () => {
  it.each([
    [1, [4, ...RED]],
    [2, [6, ...GREEN]],
    [3, [8, ...BLUE]],
  ])('becomes the rendition: page %d', async (number, shown) => {
    expect((await colorsOf(three(), { page: number })).shown).toEqual([shown]);
  });

  it('is the first unless the rendition says otherwise, and another for another rendition', async () => {
    const renditions = [{ page: 3 }, {}, { page: 2, width: 3 }, { page: 3, rotate: 90 }];
    const { names, shown } = await colorsOf(three(), ...renditions);
    expect(Object.fromEntries(names.map((name, index) => [name, shown[index]]))).toEqual({
      r0: [8, ...BLUE],
      r1: [4, ...RED],
      r2: [3, ...GREEN],
      r3: [2, ...BLUE],
    });
  });

  it.each(['none', 'lzw', 'deflate', 'jpeg', 'ccittfax4'] as const)(
    'is read with any compression, and in BigTIFF: %s',
    async (compression) => {
      const bilevel = compression === 'ccittfax4';
      const pages = ['#000000', '#ffffff', '#000000'].map((background) =>
        sharp({ create: { width: 16, height: 16, channels: 3, background } })
          .png()
          .toBuffer(),
      );
      const all = sharp(await Promise.all(pages), { join: { animated: true } });
      const joined = bilevel ? all.toColourspace('b-w') : all;
      for (const bigtiff of [false, true]) {
        const tiff = await joined
          .clone()
          .tiff({ compression, bigtiff, ...(bilevel ? { bitdepth: 1 as const } : {}) })
          .toBuffer();
        expect(tiff.readUInt16LE(2)).toBe(bigtiff ? 43 : 42);
        const { shown } = await colorsOf(tiff, {}, { page: 2 }, { page: 3 });
        expect(shown.map(([, red]) => red)).toEqual([0, 255, 0]);
      }
    },
  );

  it('with an extra channel that is not transparency is opaque', async () => {
    const second = { ...page(GREEN), samples: 4, fields: { 338: [0] } };
    second.data = Buffer.from(Array.from({ length: 8 }, () => [0, 255, 0, 7]).flat());
    const tiff = tiffFile([page(RED), second]);
    expect((await colorsOf(tiff, { page: 2 })).shown).toEqual([[4, ...GREEN]]);
  });

  it('can be unsupported without affecting other pages', async () => {
    const lzma = { ...page(GREEN), fields: { 259: [34_925] } };
    const tiff = tiffFile([page(RED), lzma, page(BLUE)]);
    expect((await colorsOf(tiff, { page: 3 })).shown).toEqual([[4, ...BLUE]]);
    await expect(refusal(tiff, 2)).rejects.toMatchObject({ code: 'image.unsupported_format' });
  });

  it('counts for the limit of pixels alone', async () => {
    const recipe = (number: number) =>
      parseRecipe(JSON.stringify({ renditions: [{ name: 'a', page: number }], limits: { pixels: 8 } }));
    expect(await convertImage(three(), recipe(1), 'stamp')).toHaveLength(1);
    await expect(convertImage(three(), recipe(2), 'stamp')).rejects.toMatchObject({
      code: 'image.too_many_pixels',
    });
  });

  it('keeps its own metadata', async () => {
    const artist = (name: string) => ({ texts: { 315: name } });
    const tiff = tiffFile([
      { ...page(RED), ...artist('Jane') },
      { ...page(BLUE), ...artist('Joe') },
    ]);
    const result = await rendered(tiff, { page: 2, metadata: ['creator'] });
    expect((await sharp(result).metadata()).xmpAsString).toMatch(/>Joe<(?!.*Jane)/s);
  });

  it('leaves the upload as it was, and is the same bytes again', async () => {
    const source = three();
    const before = Buffer.from(source);
    const [once, again] = [await rendered(source, { page: 2 }), await rendered(source, { page: 2 })];
    expect(source.equals(before)).toBe(true);
    expect(Buffer.compare(once, again)).toBe(0);
  });
});

describe('a page that does not exist is refused, and the message has the number of pages', () => {
  const refused = (number: number, pages: string) => ({
    code: 'image.no_such_page',
    message: `the recipe asks for page ${number}, but the image has ${pages}`,
  });

  it('of a TIFF', async () => {
    await expect(refusal(three(), 4)).rejects.toMatchObject(refused(4, '3 pages'));
    await expect(refusal(tiffFile([page(RED)]), 2)).rejects.toMatchObject(refused(2, '1 page'));
  });

  it.each([
    ['a JPEG', () => images.halves('#ff0000', '#0000ff', 20, 10).jpeg().toBuffer()],
    ['an animation, whose frames are no pages', () => images.animatedGif()],
  ])('of %s', async (_what, source) => {
    await expect(refusal(await source(), 2)).rejects.toMatchObject(refused(2, '1 page'));
    expect(await rendered(await source(), { page: 1 })).toBeDefined();
  });

  it('of camera RAW, whose other images are no pages', async () => {
    const jpeg = {
      ...page(RED),
      width: 64,
      height: 32,
      photometric: 6,
      data: await preview(),
      fields: { 254: [1], 259: [7] },
    };
    const fields = { 50_706: [1, 4, 0, 0] };
    const dng = tiffFile([{ ...page(RED), fields, inside: [jpeg, sensorOf()] }, page(GREEN)]);
    await expect(refusal(dng, 2)).rejects.toMatchObject(refused(2, '1 page'));
  });

  it('of pixels', async () => {
    const pixels = { data: Buffer.alloc(12), width: 2, height: 2, channels: 3 as const };
    const renditions = [renditionSchema.parse({ name: 'a', page: 2 })];
    await expect(renderImage(pixels, renditions, deadlineIn(600), 'stamp')).rejects.toMatchObject(
      refused(2, '1 page'),
    );
  });

  it('of a TIFF whose pages go round in a circle, or off its end', async () => {
    const circle = three();
    const [first = 0, , last = 0] = pageOffsets(circle);
    const next = (at: number) => at + 2 + circle.readUInt16LE(at) * 12;
    circle.writeUInt32LE(first, next(last));
    await expect(refusal(circle, 4)).rejects.toMatchObject(refused(4, '3 pages'));
    circle.writeUInt32LE(circle.length + 100, next(last));
    await expect(refusal(circle, 4)).rejects.toMatchObject(refused(4, '3 pages'));
  });

  it('and every other page of a damaged TIFF ends with a picture or a code', async () => {
    const sound = three();
    const damage = fc.array(fc.tuple(fc.nat(sound.length - 1), fc.nat(255)), { minLength: 1, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(damage, fc.integer({ min: 1, max: 5 }), async (bytes, number) => {
        const damaged = Buffer.from(sound);
        for (const [at, value] of bytes) if (at > 3) damaged[at] = value;
        const settled = await refusal(damaged, number).catch((error: { code?: string }) => error.code);
        expect(settled).toEqual(expect.anything());
      }),
      { numRuns: cases(300) },
    );
  });
});
