import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { parseRecipe } from '../../../src/core/recipe.ts';
import { convertImage } from '../../support/convert-image.ts';
import * as images from '../../support/images.ts';
import { pixelAt, rendered } from '../../support/rendered.ts';

const RED = [255, 0, 0, 255];
const GREEN = [0, 255, 0, 255];
const BLUE = [0, 0, 255, 255];
const WHITE = [255, 255, 255, 255];
const CLEAR = [0, 0, 0, 0];

/** Stripes of 40 pixels: red, green, blue. */
const stripes = () => striped('#ff0000', '#00ff00', '#0000ff');

async function striped(...colors: string[]): Promise<Buffer> {
  const stripe = (background: string) => ({
    create: { width: 40, height: 40, channels: 3 as const, background },
  });
  return sharp({ create: { width: 40 * colors.length, height: 40, channels: 3, background: '#000000' } })
    .composite(colors.map((color, index) => ({ input: stripe(color), left: 40 * index, top: 0 })))
    .png()
    .toBuffer();
}

/** A grey picture with a small place that draws the eye. */
async function spot(left: number, top: number): Promise<Buffer> {
  return sharp({ create: { width: 200, height: 200, channels: 3, background: '#808080' } })
    .composite([{ input: await striped('#ff2010', '#2010ff'), left, top }])
    .png()
    .toBuffer();
}

const sizeOf = async (bytes: Uint8Array) => {
  const { width, pageHeight, height } = await sharp(bytes).metadata();
  return [width, pageHeight ?? height];
};

const crop = { width: 40, height: 40, fit: 'cover', format: 'png' };

describe('a crop', () => {
  it.each([
    ['left', RED],
    ['left top', RED],
    ['center', GREEN],
    ['right bottom', BLUE],
    [{ x: 0, y: 0.5 }, RED],
    [{ x: 0.5, y: 0 }, GREEN],
    [{ x: 0.9, y: 1 }, BLUE],
  ])('is taken from %j', async (position, color) => {
    const result = await rendered(await stripes(), { ...crop, position });
    expect([await pixelAt(result, 0, 20), await pixelAt(result, -1, 20)]).toEqual([color, color]);
  });

  it.each(['attention', 'entropy'])('finds what matters by %s', async (position) => {
    for (const [left, top] of [
      [0, 0],
      [120, 160],
    ] as const) {
      const result = await rendered(await spot(left, top), {
        ...crop,
        width: 200,
        height: 60,
        position,
      });
      const { channels } = await sharp(result).stats();
      expect(channels[0]?.max, `${left} ${top}`).toBeGreaterThan(200);
    }
    const centered = await rendered(await spot(120, 160), { ...crop, width: 200, height: 60 });
    expect((await sharp(centered).stats()).channels[0]?.max).toBeLessThan(200);
  });

  it.each(['attention', 'entropy'])('by %s is the same beside a distorted rendition', async (position) => {
    const source = await spot(60, 60);
    const found = { ...crop, width: 100, height: 60, position };
    const distorted = { name: 'b', width: 20, height: 200, fit: 'fill', format: 'png' };
    const recipe = parseRecipe(JSON.stringify({ renditions: [{ ...found, name: 'a' }, distorted] }));
    const [result] = await convertImage(source, recipe, 'stamp');
    const alone = await rendered(source, found);
    const [beside, expected] = await Promise.all(
      [result?.bytes, alone].map(async (bytes) => (await sharp(bytes).stats()).channels[0]?.mean ?? 0),
    );
    expect(beside).toBeCloseTo(expected ?? 0, 0);
  });

  it.each([
    ['bottom', [0, 160], [100, 40]],
    ['attention', [0, 160], [100, 40]],
    ['attention', [120, 0], [100, 40]],
    ['entropy', [120, 0], [40, 100]],
    ['entropy', [0, 160], [40, 100]],
  ] as const)(
    'of an animation is the same in every frame: %s, %j',
    async (position, [left, top], [width, height]) => {
      const frames = [await spot(left, top), await spot(120 - left, 160 - top)];
      const source = await sharp(frames, { join: { animated: true } })
        .webp({ lossless: true })
        .toBuffer();
      const result = await rendered(source, { ...crop, width, height, format: 'webp', position });
      const made = await sharp(result, { animated: true }).metadata();
      expect([made.pages, made.width, made.pageHeight]).toEqual([2, width, height]);
      const reds = await Promise.all(
        [0, 1].map(async (page) => (await sharp(result, { page }).stats()).channels[0]?.max ?? 0),
      );
      // The first frame decides; the second has nothing at that place.
      expect(reds.map((red) => red > 200)).toEqual([true, false]);
    },
  );
});

describe('an image that is contained', () => {
  const box = { width: 60, height: 60, fit: 'contain' };

  it('has a transparent border, in JPEG a white one, and the background if there is one', async () => {
    const source = await stripes();
    for (const [options, border] of [
      [{ format: 'png' }, CLEAR],
      [{ format: 'webp' }, CLEAR],
      [{ format: 'jpeg' }, WHITE],
      [{ format: 'png', background: '#0000ff' }, BLUE],
    ] as const) {
      const result = await rendered(source, { ...box, ...options });
      expect(await sizeOf(result)).toEqual([60, 60]);
      expect([await pixelAt(result, 30, 0), await pixelAt(result, 30, -1)], JSON.stringify(options)).toEqual([
        border,
        border,
      ]);
      expect((await pixelAt(result, 10, 30))[0]).toBeGreaterThan(200);
    }
  });

  it('is at the side that the recipe says', async () => {
    const result = await rendered(await stripes(), { ...box, format: 'png', position: 'bottom' });
    expect([await pixelAt(result, 5, 0), await pixelAt(result, 5, -1)]).toEqual([CLEAR, RED]);
  });

  it('of an animation is so in every frame', async () => {
    const result = await rendered(await images.animatedGif(), { ...box, background: '#ffffff' });
    expect(await sharp(result, { animated: true }).metadata()).toMatchObject({
      pages: 3,
      width: 60,
      pageHeight: 60,
    });
    const last = await sharp(result, { page: 2 }).png().toBuffer();
    expect((await pixelAt(last, 30, 2)).every((value) => value > 245)).toBe(true);
    expect((await pixelAt(last, 30, 30))[2]).toBeGreaterThan(200);
  });
});

it('a background shows through what is transparent', async () => {
  const source = await images.greyWithAlphaPng();
  const result = await rendered(source, { format: 'png', background: '#00ff00' });
  expect(await pixelAt(result, -1, 5)).toEqual(GREEN);
  expect((await sharp(result).metadata()).hasAlpha).toBe(false);
  const jpeg = await rendered(source, { format: 'jpeg', background: '#000000' });
  expect((await pixelAt(jpeg, -1, 5))[0]).toBeLessThan(10);
});

describe('a rendition that is turned', () => {
  it('is turned clockwise, after the orientation that the camera wrote', async () => {
    // Upright, it has red at the left and blue at the right.
    const source = await images.orientedWithGps();
    const places = async (rotate: number) => {
      const result = await rendered(source, { format: 'png', rotate });
      const red = async (x: number, y: number) => ((await pixelAt(result, x, y))[0] ?? 0) > 200;
      return [
        ...(await sizeOf(result)),
        await red(5, 5),
        await red(-5, 5),
        await red(5, -5),
        await red(-5, -5),
      ];
    };
    expect(await places(90)).toEqual([80, 120, true, true, false, false]);
    expect(await places(180)).toEqual([120, 80, false, true, false, true]);
    expect(await places(270)).toEqual([80, 120, false, false, true, true]);
  });

  it('leaves the renditions beside it as they are', async () => {
    const recipe = parseRecipe(
      JSON.stringify({
        renditions: [
          { name: 'a', format: 'png' },
          { name: 'b', format: 'png', rotate: 90 },
          { name: 'c', format: 'png', width: 30 },
        ],
      }),
    );
    const results = await convertImage(await stripes(), recipe, 'stamp');
    expect(results.map(({ width, height }) => [width, height])).toEqual([
      [120, 40],
      [40, 120],
      [30, 10],
    ]);
  });
});

describe('a border', () => {
  it('that is like the top left pixel is removed, before the image is scaled', async () => {
    const bordered = await sharp(await stripes())
      .extend({ top: 10, bottom: 20, left: 30, right: 40, background: '#fafafa' })
      .png()
      .toBuffer();
    const source = await sharp(bordered).extend({ top: 1, left: 1, background: '#ffffff' }).png().toBuffer();
    const result = await rendered(source, { format: 'png', trim: 10 });
    expect([await sizeOf(result), await pixelAt(result, 0, 0), await pixelAt(result, -1, -1)]).toEqual([
      [120, 40],
      RED,
      BLUE,
    ]);
    expect(await sizeOf(await rendered(source, { format: 'png', trim: 10, width: 60 }))).toEqual([60, 20]);
    expect(await sizeOf(await rendered(source, { format: 'png', trim: 10, width: 20, rotate: 90 }))).toEqual([
      20, 60,
    ]);
    // Its own border is like it within 10 and not within 2.
    expect(await sizeOf(await rendered(source, { format: 'png', trim: 2 }))).toEqual([190, 70]);
  });

  it('that is all of the image stays', async () => {
    const source = await sharp({ create: { width: 20, height: 10, channels: 3, background: 'red' } })
      .png()
      .toBuffer();
    expect(await sizeOf(await rendered(source, { format: 'png', trim: 10 }))).toEqual([20, 10]);
  });
});

describe('an image that is sharpened', () => {
  it('has steeper edges, if it was shrunk', async () => {
    const photo = await images.photo();
    const sharpness = async (options: object) =>
      (await sharp(await rendered(photo, { format: 'png', ...options })).stats()).sharpness;
    expect(await sharpness({ width: 200, sharpen: 1 })).toBeGreaterThan(
      (await sharpness({ width: 200 })) * 1.2,
    );
    expect(await sharpness({ sharpen: 1 })).toBe(await sharpness({}));
  });
});

it('an animation becomes its first frame if the recipe says so', async () => {
  for (const format of ['webp', 'source']) {
    const result = await rendered(await images.animatedGif(), { format, animated: false });
    expect((await sharp(result).metadata()).pages ?? 1).toBe(1);
    expect((await pixelAt(result, 5, 5))[0]).toBeGreaterThan(200);
  }
});

it.each([
  { ...crop, position: 'attention' },
  { ...crop, position: 'entropy' },
  { ...crop, fit: 'contain' },
  { format: 'png', trim: 5, width: 40, rotate: 270, sharpen: 2 },
])('%j makes the same bytes again', async (rendition) => {
  const source = await images.photo();
  expect(Buffer.compare(await rendered(source, rendition), await rendered(source, rendition))).toBe(0);
});
