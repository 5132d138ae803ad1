import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { Retryable } from '../../../src/core/errors.ts';
import { toDataUrl } from '../../../src/core/data-url.ts';
import * as images from '../../support/images.ts';
import { pixelAt, rendered } from '../../support/rendered.ts';

const RED = [255, 0, 0, 255];
const GREY = [128, 128, 128, 255];

const flat = (width: number, height: number, background: string | object) =>
  sharp({ create: { width, height, channels: 4, background } })
    .png()
    .toBuffer();
const grey = () => flat(200, 100, '#808080');

/** Twice as wide as high. */
const logo = async (background: string | object = '#ff0000') =>
  toDataUrl(await flat(20, 10, background)) ?? '';

async function marked(watermark: object, rendition: object = {}, source?: Uint8Array): Promise<Uint8Array> {
  const options = { format: 'png', watermark: { image: await logo(), ...watermark }, ...rendition };
  return rendered(source ?? (await grey()), options);
}

/** Returns the columns and rows that have the color of the logo: the first of them, and the first that has not. */
async function placeOf(result: Uint8Array, page = 0): Promise<number[]> {
  const { data, info } = await sharp(result, { page })
    .toColourspace('srgb')
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  const columns: number[] = [];
  const rows: number[] = [];
  for (let at = 0; at < data.length; at += info.channels) {
    const [red = 0, green = 0] = data.subarray(at, at + 2);
    if (red < 200 || green > 100) continue;
    const pixel = at / info.channels;
    columns.push(pixel % info.width);
    rows.push(Math.floor(pixel / info.width));
  }
  if (columns.length === 0) return [];
  const ends = (places: number[]) => [Math.min(...places), Math.max(...places) + 1];
  return [...ends(columns), ...ends(rows)];
}

describe('a watermark', () => {
  it.each([
    ['right bottom', [150, 200, 75, 100]],
    ['left top', [0, 50, 0, 25]],
    ['center', [75, 125, 37, 62]],
    ['top', [75, 125, 0, 25]],
    ['left', [0, 50, 37, 62]],
  ])('is at the %s, a quarter as wide as the result', async (position, place) => {
    const result = await marked({ position });
    expect(await placeOf(result)).toEqual(place);
    expect(await pixelAt(result, 140, 30)).toEqual(GREY);
  });

  it('is at the right bottom unless the recipe says otherwise, within the margin', async () => {
    expect(await placeOf(await marked({}))).toEqual([150, 200, 75, 100]);
    expect(await placeOf(await marked({ margin: 10 }))).toEqual([140, 190, 65, 90]);
    expect(await placeOf(await marked({ margin: 10, position: 'left top' }))).toEqual([10, 60, 10, 35]);
  });

  it('has its part of the width of each result, but not more than fits', async () => {
    expect(await placeOf(await marked({ scale: 0.1 }))).toEqual([180, 200, 90, 100]);
    expect(await placeOf(await marked({ scale: 0.5 }, { width: 40 }))).toEqual([20, 40, 10, 20]);
    expect(await placeOf(await marked({ scale: 1, margin: 20 }))).toEqual([60, 180, 20, 80]);
    const narrow = { width: 200, height: 10, fit: 'cover' };
    expect(await placeOf(await marked({ scale: 1 }, narrow))).toEqual([180, 200, 0, 10]);
    // The margins leave one pixel.
    expect(await placeOf(await marked({ scale: 1, margin: 9999 }))).toHaveLength(4);
  });

  it('is placed on what the result shows: cropped, turned and contained', async () => {
    expect(await placeOf(await marked({}, { width: 60, height: 60, fit: 'cover' }))).toEqual([
      45, 60, 52, 60,
    ]);
    expect(await placeOf(await marked({}, { rotate: 90 }))).toEqual([75, 100, 187, 200]);
    const opaque = await sharp(await grey())
      .removeAlpha()
      .png()
      .toBuffer();
    const contained = await marked({}, { width: 200, height: 200, fit: 'contain' }, opaque);
    expect(await placeOf(contained)).toEqual([150, 200, 175, 200]);
    expect(await pixelAt(contained, 0, 0)).toEqual([0, 0, 0, 0]);
  });

  it('shows through by its opacity, and by its own transparency', async () => {
    const half = await pixelAt(await marked({ opacity: 0.5 }), -1, -1);
    expect(half.map((value) => Math.round(value / 4))).toEqual([48, 16, 16, 64]);
    const image = await logo({ r: 255, g: 0, b: 0, alpha: 0.5 });
    expect((await pixelAt(await marked({ image, opacity: 0.5 }), -1, -1))[0]).toBeCloseTo(160, -1);
  });

  it.each([
    ['no transparency', () => images.halves('#ff0000', '#ff0000', 20, 10)],
    ['a palette', () => images.halves('#ff0000', '#ff0000', 20, 10).png({ palette: true })],
    ['a profile', () => images.halves('#ff0000', '#ff0000', 20, 10).withIccProfile('srgb')],
  ])('can have %s', async (_name, image) => {
    const png = await image().png().toBuffer();
    const result = await marked({ image: toDataUrl(png), opacity: 0.5 });
    expect(await pixelAt(result, -1, -1)).toEqual(await pixelAt(await marked({ opacity: 0.5 }), -1, -1));
  });

  it.each([true, false])('can be grey: with transparency %s', async (alpha) => {
    const half = flat(20, 10, { r: 250, g: 250, b: 250, alpha: 0.5 });
    const gray = sharp(await half).toColourspace('b-w');
    const png = await (alpha ? gray : gray.removeAlpha()).png().toBuffer();
    expect((await sharp(png).metadata()).channels).toBe(alpha ? 2 : 1);
    const [red = 0, green = 0, blue = 0] = await pixelAt(await marked({ image: toDataUrl(png) }), -1, -1);
    expect([red, green]).toEqual([green, blue]);
    expect(Math.round(red / 10)).toBe(alpha ? 19 : 25);
  });

  it('leaves a result without transparency without it', async () => {
    const opaque = await sharp(await grey())
      .removeAlpha()
      .png()
      .toBuffer();
    const hasAlpha = async (result: Uint8Array) => (await sharp(result).metadata()).hasAlpha;
    expect(await hasAlpha(await marked({}, {}, opaque))).toBe(false);
    const clear = await flat(200, 100, { r: 0, g: 0, b: 0, alpha: 0 });
    const result = await marked({}, {}, clear);
    expect([await pixelAt(result, 0, 0), await pixelAt(result, -1, -1)]).toEqual([[0, 0, 0, 0], RED]);
    expect(await hasAlpha(await marked({}, { background: '#00ff00' }, clear))).toBe(false);
  });

  it.each(['jpeg', 'webp', 'avif', 'source'])('is in results in the format %s', async (format) => {
    const [left = 0, right, top = 0, bottom] = await placeOf(await marked({}, { format }));
    expect([right, bottom]).toEqual([200, 100]);
    expect([Math.abs(left - 150), Math.abs(top - 75)].every((off) => off < 4)).toBe(true);
  });

  it.each([
    [
      'grey',
      () =>
        sharp({ create: { width: 200, height: 100, channels: 3, background: '#808080' } })
          .toColourspace('b-w')
          .png()
          .toBuffer(),
    ],
    ['16 bits', () => images.sixteenBitPng()],
    ['CMYK', () => images.cmykJpeg()],
    [
      'Display P3',
      () =>
        sharp({ create: { width: 200, height: 100, channels: 3, background: '#202020' } })
          .withIccProfile('p3')
          .png()
          .toBuffer(),
    ],
  ])('keeps its color on an image in %s', async (_name, source) => {
    for (const renditions of [{}, { width: 100 }]) {
      const result = await marked({}, renditions, await source());
      expect(await pixelAt(result, -1, -1)).toEqual(RED);
    }
  });

  it.each([2, 4])('is in the same place in each of %d frames', async (count) => {
    const frames = Array.from({ length: count }, (_, index) =>
      flat(40, 30, index % 2 === 0 ? '#000' : '#00f'),
    );
    const source = await sharp(await Promise.all(frames), { join: { animated: true } })
      .webp({ lossless: true })
      .toBuffer();
    const result = await marked(
      { scale: 0.5 },
      { format: 'webp', lossless: true, quality: undefined },
      source,
    );
    for (let page = 0; page < count; page += 1) expect(await placeOf(result, page)).toEqual([20, 40, 20, 30]);
  });

  it('is upright, whichever way its pixels are stored', async () => {
    const lying = await sharp({ create: { width: 20, height: 40, channels: 3, background: '#ff0000' } })
      .jpeg()
      .withMetadata({ orientation: 6 })
      .toBuffer();
    expect(await placeOf(await marked({ image: toDataUrl(lying) ?? '' }))).toEqual([150, 200, 75, 100]);
  });

  it.each([
    ['GIF', images.animatedGif, 'source'],
    ['GIF', images.animatedGif, 'webp'],
    ['WebP', images.animatedWebp, 'webp'],
  ])('is in the same place in each frame of an animation: %s as %s', async (_name, source, format) => {
    const image = await logo('#ffffff');
    const options = { format, quality: 100 };
    const result = await marked({ image, scale: 0.5 }, options, await source());
    expect(await sharp(result).metadata()).toMatchObject({
      pages: 3,
      delay: images.DELAYS,
      loop: images.LOOP,
    });
    for (const page of [0, 1, 2]) {
      const png = await sharp(result, { page }).png().toBuffer();
      const white = async (x: number, y: number) => (await pixelAt(png, x, y)).every((value) => value > 230);
      const places = [
        [-2, -2],
        [22, 22],
        [16, 16],
        [2, 2],
        [38, 2],
      ] as const;
      expect(await Promise.all(places.map(([x, y]) => white(x, y))), String(page)).toEqual([
        true,
        true,
        false,
        false,
        false,
      ]);
    }
  });

  it('makes the same bytes again', async () => {
    const photo = await images.photo();
    const make = () => marked({ opacity: 0.3, margin: 8 }, { format: 'webp', width: 300 }, photo);
    expect(Buffer.compare(await make(), await make())).toBe(0);
  });

  it('that cannot be decoded is no fault of the upload', async () => {
    await expect(marked({ image: 'data:image/png;base64,iVBORw0KGgo=' })).rejects.toSatisfy(
      (error) => error instanceof Retryable && error.message.includes('the watermark cannot be used: '),
    );
  });
});
