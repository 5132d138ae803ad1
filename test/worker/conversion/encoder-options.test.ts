import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { hasManyColors } from '../../../src/worker/conversion/image/many-colors.ts';
import * as images from '../../support/images.ts';
import { rendered as made } from '../../support/rendered.ts';

/** Thin red lines on white: small for lossless compression, and blurred by a halved resolution of the colors. */
async function drawing(): Promise<Buffer> {
  const pixels = Buffer.alloc(60 * 60 * 3, 255);
  for (let index = 0; index < 3600; index += 7) pixels.set([220, 0, 30], index * 3);
  return sharp(pixels, { raw: { width: 60, height: 60, channels: 3 } })
    .png()
    .toBuffer();
}

const photo = async () =>
  sharp(await images.photo())
    .resize(160)
    .png()
    .toBuffer();

const metadataOf = (bytes: Uint8Array) => sharp(bytes).metadata();

/** The mean difference of a channel's value. */
async function difference(a: Uint8Array, b: Uint8Array): Promise<number> {
  const [one, other] = [await sharp(a).raw().toBuffer(), await sharp(b).raw().toBuffer()];
  expect(one.byteLength).toBe(other.byteLength);
  let sum = 0;
  for (const [index, value] of one.entries()) sum += Math.abs(value - (other[index] ?? 0));
  return sum / one.byteLength;
}

describe('a JPEG', () => {
  it('is baseline, and progressive if the recipe says so', async () => {
    const source = await photo();
    expect((await metadataOf(await made(source, { format: 'jpeg' }))).isProgressive).toBe(false);
    expect((await metadataOf(await made(source, { format: 'jpeg', progressive: true }))).isProgressive).toBe(
      true,
    );
  });

  it('is smaller by mozjpeg', async () => {
    const source = await photo();
    const plain = await made(source, { format: 'jpeg' });
    const mozjpeg = await made(source, { format: 'jpeg', mozjpeg: true });
    expect(mozjpeg.byteLength).toBeLessThan(plain.byteLength * 0.95);
  });
});

it.each(['jpeg', 'avif'])('%s keeps colors sharp with full resolution of the colors', async (format) => {
  const source = await drawing();
  const [half, full] = [
    await made(source, { format, quality: 90 }),
    await made(source, { format, quality: 90, chromaSubsampling: '4:4:4' }),
  ];
  expect(await difference(full, source)).toBeLessThan((await difference(half, source)) / 3);
});

describe('WebP', () => {
  it('is nearly lossless: closer to its source than the best quality, and smaller than lossless', async () => {
    const source = await photo();
    const near = await made(source, { nearLossless: true });
    expect(near.byteLength).toBeLessThan((await made(source, { lossless: true })).byteLength);
    const least = await difference(near, source);
    expect(least).toBeGreaterThan(0);
    expect(least).toBeLessThan(await difference(await made(source, { quality: 100 }), source));
  });
});

it.each(['webp', 'avif'])('%s without loss has the pixels of its source', async (format) => {
  for (const source of [await photo(), await drawing()]) {
    expect(await difference(await made(source, { format }), source)).toBeGreaterThan(0);
    expect(await difference(await made(source, { format, lossless: true }), source)).toBe(0);
  }
});

it.each([
  ['webp', drawing, true],
  ['webp', photo, false],
  ['avif', photo, false],
] as const)('%s is lossless only where that is smaller', async (format, make, lossless) => {
  const source = await make();
  const [smaller, other] = [
    await made(source, { format, lossless }),
    await made(source, { format, lossless: !lossless }),
  ];
  expect(smaller.byteLength).toBeLessThan(other.byteLength);
  expect(Buffer.compare(await made(source, { format, lossless: 'smaller' }), smaller)).toBe(0);
});

describe('lossless: auto', () => {
  /** Of 4,096 colors, which lossless compression predicts from their neighbors. */
  const gradient = () => {
    const pixels = Array.from({ length: 64 * 64 }, (_, at) => [(at % 64) * 4, Math.floor(at / 64) * 4, 128]);
    return sharp(Buffer.from(pixels.flat()), { raw: { width: 64, height: 64, channels: 3 } })
      .png()
      .toBuffer();
  };
  const turning = async (source: Buffer) =>
    sharp([source, await sharp(source).rotate(180).toBuffer()], { join: { animated: true } })
      .webp({ lossless: true })
      .toBuffer();

  it.each([
    ['webp', drawing],
    ['avif', drawing],
    ['webp', async () => turning(await drawing())],
  ] as const)('in %s, an image of few colors is the smaller of both', async (format, make) => {
    const source = await make();
    const smaller = await made(source, { format, lossless: 'smaller' });
    expect(Buffer.compare(await made(source, { format, lossless: 'auto' }), smaller)).toBe(0);
  });

  it.each([photo, gradient, async () => turning(await photo())])(
    'an image of many colors is lossy without a second encoding (%#)',
    async (make) => {
      const source = await make();
      expect(Buffer.compare(await made(source, { lossless: 'auto' }), await made(source, {}))).toBe(0);
    },
  );

  it('goes by the colors, even where lossless would be smaller', async () => {
    const source = await gradient();
    const smaller = await made(source, { lossless: 'smaller' });
    expect(smaller.byteLength).toBeLessThan((await made(source, { lossless: 'auto' })).byteLength);
  });

  it('keeps to maxBytes', async () => {
    const source = await photo();
    const options = { maxBytes: 3000 };
    const result = await made(source, { ...options, lossless: 'auto' });
    expect(Buffer.compare(result, await made(source, options))).toBe(0);
  });
});

describe('the colors of an image', () => {
  /** As many colors as the count, each in two pixels. */
  const image = (count: number, channels: 3 | 4) => {
    const data = Buffer.alloc(count * 2 * channels);
    for (let pixel = 0; pixel < count * 2; pixel++) {
      data[pixel * channels] = pixel % 256;
      data[pixel * channels + channels - 1] = Math.floor((pixel % count) / 256);
    }
    return { data, width: count * 2, height: 1, channels };
  };

  it.each([3, 4] as const)('are many if they are more than 1,024, in %i channels', (channels) => {
    expect(hasManyColors(image(1024, channels))).toBe(false);
    expect(hasManyColors(image(1280, channels))).toBe(true);
  });
});

it('other formats have no choice between lossless and lossy', async () => {
  const jpeg = await sharp(await photo())
    .jpeg()
    .toBuffer();
  const source = { format: 'source' };
  for (const lossless of ['smaller', 'auto']) {
    const result = await made(jpeg, { ...source, lossless });
    expect(Buffer.compare(result, await made(jpeg, source))).toBe(0);
  }
});

describe('a PNG', () => {
  it('has a palette of as many colors as the recipe allows', async () => {
    const source = await photo();
    const colorsOf = async (bytes: Uint8Array) => {
      const pixels = await sharp(bytes).raw().toBuffer();
      const colors = new Set<string>();
      for (let at = 0; at < pixels.byteLength; at += 3)
        colors.add(pixels.subarray(at, at + 3).toString('hex'));
      return colors.size;
    };
    const palette = await made(source, { format: 'png', palette: true });
    expect(await metadataOf(palette)).toMatchObject({ isPalette: true });
    expect(await colorsOf(palette)).toBeGreaterThan(100);
    const sixteen = await made(source, { format: 'png', palette: true, colors: 16 });
    expect(await colorsOf(sixteen)).toBe(16);
    const low = await made(source, { format: 'png', palette: true, quality: 10 });
    expect(await colorsOf(low)).toBeLessThan(await colorsOf(palette));
  });

  it('is interlaced if it is progressive, and smaller with a higher level of compression', async () => {
    const source = await photo();
    expect((await metadataOf(await made(source, { format: 'png' }))).isProgressive).toBe(false);
    expect((await metadataOf(await made(source, { format: 'png', progressive: true }))).isProgressive).toBe(
      true,
    );
    const [fast, small] = [
      await made(source, { format: 'png', compressionLevel: 1 }),
      await made(source, { format: 'png', compressionLevel: 9 }),
    ];
    expect(small.byteLength).toBeLessThan(fast.byteLength);
  });
});

it('in the format of its source, a result has the options of that format', async () => {
  const options = { format: 'source', progressive: true, lossless: true, palette: true };
  const source = await photo();
  const jpeg = await sharp(source).jpeg().toBuffer();
  const webp = await sharp(source).webp().toBuffer();
  expect(await metadataOf(await made(jpeg, options))).toMatchObject({ format: 'jpeg', isProgressive: true });
  expect(await metadataOf(await made(source, options))).toMatchObject({ format: 'png', isPalette: true });
  expect(await difference(await made(webp, options), webp)).toBe(0);
});

it.each([
  { format: 'jpeg', mozjpeg: true },
  { format: 'jpeg', progressive: true, chromaSubsampling: '4:4:4' },
  { format: 'webp', lossless: true },
  { format: 'webp', nearLossless: true },
  { format: 'avif', lossless: true },
  { format: 'avif', chromaSubsampling: '4:4:4' },
  { format: 'png', palette: true, colors: 16 },
  { format: 'png', compressionLevel: 9, progressive: true },
])('%j makes the same bytes again', async (rendition) => {
  const source = await photo();
  expect(Buffer.compare(await made(source, rendition), await made(source, rendition))).toBe(0);
});
