import { readFile } from 'node:fs/promises';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { Rejected, Retryable } from '../../../src/core/errors.ts';
import { parseRecipe } from '../../../src/core/recipe.ts';
import { translateSharpError } from '../../../src/worker/conversion/image/errors.ts';
import { inspect } from '../../../src/worker/conversion/image/inspect.ts';
import { deadlineIn } from '../../../src/worker/conversion/image/limits.ts';
import { render } from '../../../src/worker/conversion/image/render.ts';
import { convertImage, type ConvertedImage } from '../../support/convert-image.ts';
import * as images from '../../support/images.ts';

async function convert(
  source: Buffer,
  renditions: object[],
  limits: object = {},
  stamp = 'stamp',
): Promise<ConvertedImage[]> {
  const recipe = parseRecipe(
    JSON.stringify({ renditions: renditions.map((each, index) => ({ name: `r${index}`, ...each })), limits }),
  );
  return convertImage(source, recipe, stamp);
}

async function one(source: Buffer, rendition: object = {}, stamp?: string): Promise<ConvertedImage> {
  const [result] = await convert(source, [rendition], {}, stamp);
  if (result === undefined) throw new Error('expected a rendition');
  return result;
}

async function rejection(source: Buffer, rendition: object = {}, limits: object = {}): Promise<Rejected> {
  try {
    await convert(source, [rendition], limits);
  } catch (error) {
    if (error instanceof Rejected) return error;
    throw error;
  }
  throw new Error('expected a rejection');
}

const pixelsOf = ({ bytes }: ConvertedImage) => sharp(bytes).raw().toBuffer();

/** Red, green and blue at a place, in parts of the width and height. */
async function colourAt(bytes: Uint8Array, x: number, y: number): Promise<number[]> {
  const { data, info } = await sharp(bytes)
    .toColourspace('srgb')
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  const at =
    (Math.floor(y * (info.height - 1)) * info.width + Math.floor(x * (info.width - 1))) * info.channels;
  return [...data.subarray(at, at + 3)];
}

const INPUTS = {
  jpeg: () => images.photo(),
  png: () => images.sixteenBitPng(),
  webp: () => images.animatedWebp(),
  avif: () => images.avif(),
  gif: () => images.animatedGif(),
  tiff: () => images.multiPageTiff(),
};
const OUTPUTS = ['jpeg', 'png', 'webp', 'avif', 'source'];

describe.each(Object.entries(INPUTS))('an image in %s', (format, make) => {
  it.each(OUTPUTS)(
    'becomes %s, with the right content type, and the stamp as its only metadata',
    async (output) => {
      const expected = output === 'source' ? format : output;
      const { bytes, contentType, width, height } = await one(
        await make(),
        { width: 32, height: 32, format: output },
        'the "stamp" <&>',
      );
      expect(contentType).toBe(`image/${expected}`);
      const metadata = await sharp(bytes).metadata();
      expect(metadata.format).toBe(expected === 'avif' ? 'heif' : expected);
      expect([metadata.width, metadata.pageHeight ?? metadata.height]).toEqual([width, height]);
      expect(Math.max(width, height)).toBe(32);
      expect([metadata.exif, metadata.icc, metadata.iptc]).toEqual([undefined, undefined, undefined]);
      if (expected === 'gif') expect(Buffer.from(bytes).includes('the "stamp" <&>')).toBe(true);
      else expect(metadata.xmpAsString).toContain('stRef:versionID="the &quot;stamp&quot; &lt;&amp;&gt;"');
    },
  );

  it.each(OUTPUTS)('becomes the same bytes of %s again, and others for another stamp', async (output) => {
    const source = await make();
    const [a, again, b] = [
      await one(source, { width: 32, format: output }, 'aaaa'),
      await one(source, { width: 32, format: output }, 'aaaa'),
      await one(source, { width: 32, format: output }, 'bbbb'),
    ];
    expect(Buffer.compare(a.bytes, again.bytes)).toBe(0);
    expect(Buffer.compare(a.bytes, b.bytes)).not.toBe(0);
    // A PNG holds its metadata compressed, so there the stamp is not to be seen.
    if (a.contentType === 'image/png') return expect(await pixelsOf(a)).toEqual(await pixelsOf(b));
    expect(a.bytes.byteLength).toBe(b.bytes.byteLength);
    expect(a.bytes.filter((byte, index) => byte !== b.bytes[index]).length).toBe(4);
  });
});

describe('a photo', () => {
  it('is upright, and says neither where it was taken nor with what', async () => {
    const source = await images.orientedWithGps();
    const { orientation, width, height } = await sharp(source).metadata();
    expect([orientation, width, height, source.includes('Camera of somebody')]).toEqual([6, 80, 120, true]);
    for (const format of OUTPUTS) {
      const result = await one(source, { format });
      expect([result.width, result.height], format).toEqual([120, 80]);
      const [left, right] = [await colourAt(result.bytes, 0.1, 0.5), await colourAt(result.bytes, 0.9, 0.5)];
      expect([(left[0] ?? 0) > 200, (right[2] ?? 0) > 200], format).toEqual([true, true]);
      expect(Buffer.from(result.bytes).includes('Camera of somebody'), format).toBe(false);
    }
  });

  it('is in sRGB, whatever it was in', async () => {
    const red = await colourAt((await one(await images.displayP3Jpeg(), { format: 'png' })).bytes, 0.5, 0.5);
    expect(red[0]).toBeGreaterThan(250);
    const original = await sharp(await images.photo())
      .resize(200)
      .png()
      .toBuffer();
    for (const source of [await images.cmykJpeg(), await images.sixteenBitPng()]) {
      const result = await one(source, { format: 'png' });
      const metadata = await sharp(result.bytes).metadata();
      expect([metadata.space, metadata.hasProfile]).toEqual(['srgb', false]);
      const [a, b] = [await colourAt(result.bytes, 0.5, 0.3), await colourAt(original, 0.5, 0.3)];
      for (const channel of [0, 1, 2])
        expect(Math.abs((a[channel] ?? 0) - (b[channel] ?? 0))).toBeLessThan(40);
    }
  });

  it('lets white show through where it becomes a JPEG, and stays transparent elsewhere', async () => {
    const source = await images.greyWithAlphaPng();
    const [red] = await colourAt((await one(source, { format: 'jpeg' })).bytes, 1, 0.5);
    expect(red).toBeGreaterThan(250);
    for (const format of ['png', 'webp', 'avif', 'source']) {
      expect((await sharp((await one(source, { format })).bytes).metadata()).hasAlpha, format).toBe(true);
    }
  });

  it('of one pixel, or very thin, stays an image', async () => {
    expect(await one(await images.tinyPng(), { width: 1600, height: 1600 })).toMatchObject({
      width: 1,
      height: 1,
    });
    const thin = await sharp({ create: { width: 5000, height: 1, channels: 3, background: 'red' } })
      .png()
      .toBuffer();
    expect(await one(thin, { width: 100, height: 100 })).toMatchObject({ width: 100, height: 1 });
  });
});

it.each([
  ['jpeg', 68],
  ['webp', 72],
  ['avif', 54],
] as const)('%s in the format of its source has the quality %d', async (format, quality) => {
  const source = await sharp(await images.photo())
    .resize(200)
    .toFormat(format, { quality: 95 })
    .toBuffer();
  const result = await one(source, { format: 'source' });
  expect(Buffer.compare(result.bytes, (await one(source, { format, quality })).bytes)).toBe(0);
  const lower = await one(source, { format: 'source', quality: quality - 10 });
  expect(lower.bytes.byteLength).toBeLessThan(result.bytes.byteLength);
});

describe('an animation', () => {
  it.each([
    ['gif', 'source'],
    ['gif', 'webp'],
    ['webp', 'source'],
  ] as const)('in %s stays one as %s, with its timing', async (input, format) => {
    const { bytes, width, height } = await one(await INPUTS[input](), {
      width: 20,
      height: 20,
      format,
      fit: 'cover',
    });
    const metadata = await sharp(bytes, { animated: true }).metadata();
    expect(metadata).toMatchObject({
      pages: 3,
      delay: images.DELAYS,
      loop: images.LOOP,
      width: 20,
      pageHeight: 20,
    });
    expect([width, height]).toEqual([20, 20]);
  });

  it.each(['jpeg', 'png', 'avif'])('becomes its first frame as %s', async (format) => {
    const { bytes } = await one(await images.animatedGif(), { format });
    expect((await sharp(bytes).metadata()).pages ?? 1).toBe(1);
    expect((await colourAt(bytes, 0.5, 0.5))[0]).toBeGreaterThan(200);
  });
});

describe('several renditions at once', () => {
  const ladder = [
    { width: 800, height: 800, format: 'png' },
    { width: 400, height: 400, format: 'png' },
    { width: 100, height: 60, format: 'png', fit: 'cover' },
    { width: 150, format: 'png' },
  ];

  it.each(images.PHOTOS)('of %s have the sizes each has alone, and its pixels', async (path) => {
    const source = await readFile(path);
    const together = await convert(source, ladder);
    const original = await sharp(source).toColourspace('srgb').raw().toBuffer({ resolveWithObject: true });
    const raw = {
      width: original.info.width,
      height: original.info.height,
      channels: original.info.channels,
    };
    for (const [index, rendition] of ladder.entries()) {
      const alone = await one(source, rendition);
      const result = together[index];
      expect([result?.width, result?.height]).toEqual([alone.width, alone.height]);
      if (rendition.fit === 'cover') continue;
      // Against a full decode and one resize of the original.
      const reference = await sharp(original.data, { raw })
        .resize({ width: alone.width, height: alone.height, fit: 'fill' })
        .raw()
        .toBuffer();
      const pixels = await sharp(result?.bytes).raw().toBuffer();
      expect(psnr(pixels, reference)).toBeGreaterThan(40);
    }
  });

  it('may be a still and an animation of the same source', async () => {
    const [still, animation, small] = await convert(await images.animatedGif(), [
      { format: 'jpeg' },
      { format: 'webp' },
      { format: 'png', width: 10 },
    ]);
    expect((await sharp(animation?.bytes).metadata()).pages).toBe(3);
    expect([still?.contentType, small?.width, small?.height]).toEqual(['image/jpeg', 10, 8]);
  });
});

describe('what cannot be converted is rejected with its code and a reason for people', () => {
  it.each([
    ['nothing', () => Buffer.alloc(0), 'source.empty', /no bytes/],
    [
      'text',
      () => Buffer.from('I am no photo'),
      'image.unsupported_format',
      /is of an unknown format; expected JPEG, PNG/,
    ],
    ['PSD', () => Buffer.from('8BPS\0\x01'), 'image.unsupported_format', /is PSD/],
    ['half a JPEG', () => images.truncatedJpeg(), 'image.corrupt', /could not be decoded/],
    ['a JPEG with a hole', () => images.corruptJpeg(), 'image.corrupt', /could not be decoded/],
    [
      'a bomb',
      () => images.pngBomb(),
      'image.too_many_pixels',
      /900,000,000 pixels \(30000 × 30000\); the recipe allows 100,000,000/,
    ],
  ] as [string, () => Buffer | Promise<Buffer>, string, RegExp][])(
    '%s',
    async (_what, make, code, message) => {
      const error = await rejection(await make());
      expect([error.code, error.message]).toEqual([code, expect.stringMatching(message)]);
    },
  );

  it('a bomb is refused without a pixel of it', async () => {
    const bomb = images.pngBomb();
    const before = process.memoryUsage().rss;
    for (let round = 0; round < 20; round += 1) await rejection(bomb);
    expect(process.memoryUsage().rss - before).toBeLessThan(50_000_000);
  });

  it('beyond the limits of the recipe', async () => {
    const gif = await images.animatedGif();
    expect(await rejection(gif, {}, { pages: 2 })).toMatchObject({
      code: 'image.too_many_pages',
      message: 'the image has 3 frames; the recipe allows 2',
    });
    expect(await rejection(gif, {}, { pixels: 3599 })).toMatchObject({
      code: 'image.too_many_pixels',
      message: expect.stringContaining('(40 × 30 × 3 frames)'),
    });
    await convert(gif, [{}], { pixels: 3600, pages: 3 });
  });

  it('all frames count if one of the renditions is animated', async () => {
    const gif = await images.animatedGif();
    const renditions = [{ format: 'jpeg' }, { format: 'webp' }];
    await expect(convert(gif, renditions, { pages: 2 })).rejects.toMatchObject({
      code: 'image.too_many_pages',
    });
    const [, animated] = await convert(gif, renditions, { pages: 3 });
    expect((await sharp(animated?.bytes, { animated: true }).metadata()).pages).toBe(3);
  });

  it.each(['gif', 'webp'] as const)(
    'the frames of a %s do not count if all renditions are stills',
    async (format) => {
      const source = await sharp(await images.animatedGif(), { animated: true })
        .toFormat(format)
        .toBuffer();
      const renditions = [{ format: 'jpeg' }, { format: 'webp', animated: false }];
      expect(await convert(source, renditions, { pages: 1, pixels: 1200 })).toHaveLength(2);
      await expect(convert(source, renditions, { pixels: 1199 })).rejects.toMatchObject({
        code: 'image.too_many_pixels',
        message: expect.stringContaining('(40 × 30)'),
      });
    },
  );

  it('the pages of a TIFF do not count, because only the first is read', async () => {
    expect(await convert(await images.multiPageTiff(), [{}], { pages: 1 })).toHaveLength(1);
  });

  it('wider than its format can be', async () => {
    const wide = await sharp({ create: { width: 20_000, height: 10, channels: 3, background: 'red' } })
      .png()
      .toBuffer();
    for (const format of ['webp', 'avif'])
      expect(await rejection(wide, { format }), format).toMatchObject({
        code: 'image.dimensions_unsupported',
      });
    expect(await one(wide, { format: 'jpeg' })).toMatchObject({ width: 20_000 });
  });
});

it('has no time left for a rendition: it begins no other and says conversion.timeout', async () => {
  const source = await images.tinyPng();
  const { limits, renditions } = parseRecipe('{"renditions":[{"name":"a"},{"name":"b"}]}');
  const over = { ...limits, deadline: deadlineIn(0) };
  await expect(
    render(source, await inspect(source, limits), renditions, over, 'stamp'),
  ).rejects.toMatchObject({
    code: 'conversion.timeout',
  });
});

describe('an error of sharp', () => {
  it.each([
    ['timeout: 42% complete', Rejected, 'conversion.timeout'],
    ['Input image exceeds pixel limit', Rejected, 'image.too_many_pixels'],
    ['VipsJpeg: premature end of JPEG image\nsecond line', Rejected, 'image.corrupt'],
    ['vips_malloc: out of memory --- size == 3GB', Retryable, 'internal.unexpected'],
  ])('%j is told as what it means', async (message, kind, code) => {
    const translated = await translateSharpError(new Error(message));
    expect(translated).toBeInstanceOf(kind);
    expect(translated.code).toBe(code);
    expect(translated.message).not.toContain('second line');
  });

  it.each([
    [
      'Input buffer has corrupt header: VipsJpeg: premature end of JPEG image',
      'its data ends too early (premature end of JPEG image)',
    ],
    [
      'Warning treated as error due to failOn setting\nPLTE: CRC error\nerror in tile 0 x 0',
      'a checksum does not match its data (PLTE: CRC error)',
    ],
    [
      'tiff2vips: Using code not yet in table\ntiff2vips: read error',
      'its compressed data is damaged (Using code not yet in table)',
    ],
    [
      "source: bad seek to 920\nheif: Invalid input: No 'iprp' box (2.102)",
      "its header is damaged (Invalid input: No 'iprp' box (2.102))",
    ],
    ['source: bad seek to 920', 'its data ends too early (bad seek to 920)'],
    ['Input buffer has corrupt header: ', 'its header is damaged'],
    ['vips: something new', 'something new'],
  ])('%j is explained: %s', async (message, expected) => {
    const { message: translated } = await translateSharpError(new Error(message));
    expect(translated).toBe(`the image could not be decoded: ${expected}`);
  });
});

function psnr(a: Buffer, b: Buffer): number {
  expect(a.byteLength).toBe(b.byteLength);
  let sum = 0;
  for (let index = 0; index < a.byteLength; index += 1) sum += ((a[index] ?? 0) - (b[index] ?? 0)) ** 2;
  return 10 * Math.log10((255 * 255) / (sum / a.byteLength));
}
