import sharp, { type Sharp } from 'sharp';
import { describe, expect, it } from 'vitest';
import { parseRecipe } from '../../../src/core/recipe.ts';
import { oriented } from '../../../src/worker/conversion/image/camera-raw/jpeg-header.ts';
import { av1Of, avifOf, box, monochromeAv1, nclx } from '../../support/avif.ts';
import { convertImage } from '../../support/convert-image.ts';
import { ico } from '../../support/bitmaps.ts';
import { nef } from '../../support/formats/raw.ts';
import * as images from '../../support/images.ts';
import { chrm, cicp, gama, pngChunk, srgb } from '../../support/png.ts';
import { rendered } from '../../support/rendered.ts';
import {
  avifWithMetadata,
  jpegSegment,
  jpegWithMetadata,
  pngWithMetadata,
  SECRET,
  webpWithMetadata,
} from '../../support/with-metadata.ts';

const WIDTH = 200;
const HEIGHT = 134;
/** More than the stamp and its container take. */
const STAMP_BYTES = 500;

const photo = async () => sharp(await images.photo()).resize(WIDTH, HEIGHT);
const bilevel = async () => (await photo()).greyscale().threshold();
const faded = async () => sharp(await (await photo()).ensureAlpha(0.5).png().toBuffer());

const poorJpeg = async () => (await photo()).jpeg({ quality: 30 }).toBuffer();
const tightPng = async () =>
  (await bilevel()).png({ palette: true, colors: 2, compressionLevel: 9 }).toBuffer();
const poorAvif = async () => (await photo()).avif({ quality: 10, effort: 0 }).toBuffer();
const poorWebp = async () => (await photo()).webp({ quality: 30 }).toBuffer();

/** Images that grow when they are encoded again. */
const POOR: readonly [name: string, format: 'jpeg' | 'png' | 'webp' | 'avif', make: () => Promise<Buffer>][] =
  [
    ['a JPEG', 'jpeg', poorJpeg],
    [
      'a progressive JPEG',
      'jpeg',
      async () => (await photo()).jpeg({ quality: 30, progressive: true }).toBuffer(),
    ],
    [
      'a grey JPEG',
      'jpeg',
      async () => (await photo()).greyscale().toColourspace('b-w').jpeg({ quality: 30 }).toBuffer(),
    ],
    ['a JPEG with JFIF, which has a thumbnail', 'jpeg', async () => told(await poorJpeg(), jfif())],
    [
      'a JPEG with RGB, which its Adobe segment says',
      'jpeg',
      async () => told(await fullColorJpeg(), adobe()),
    ],
    [
      'a JPEG with RGB, which its component ids say',
      'jpeg',
      async () => withIds(await fullColorJpeg(), 'RGB'),
    ],
    [
      'a JPEG whose Adobe segment contradicts JFIF',
      'jpeg',
      async () => told(await poorJpeg(), adobe(), jfif()),
    ],
    [
      'a PNG with a palette',
      'png',
      async () => (await photo()).png({ palette: true, compressionLevel: 9 }).toBuffer(),
    ],
    ['a PNG with 1 bit', 'png', tightPng],
    [
      'an interlaced PNG',
      'png',
      async () => (await bilevel()).png({ palette: true, colors: 2, progressive: true }).toBuffer(),
    ],
    [
      'a transparent PNG',
      'png',
      async () => (await faded()).png({ palette: true, compressionLevel: 9 }).toBuffer(),
    ],
    ['a WebP', 'webp', poorWebp],
    ['a lossless WebP', 'webp', async () => (await bilevel()).webp({ lossless: true }).toBuffer()],
    ['a transparent WebP', 'webp', async () => (await faded()).webp({ quality: 30 }).toBuffer()],
    ['a transparent lossless WebP', 'webp', async () => transparentLossless()],
    ['an AVIF', 'avif', poorAvif],
    [
      'an AVIF with all colors',
      'avif',
      async () => (await photo()).avif({ ...POOREST, chromaSubsampling: '4:4:4' }).toBuffer(),
    ],
    [
      'a grey AVIF',
      'avif',
      async () => avifOf({ color: await monochromeAv1(await (await photo()).png().toBuffer(), POOREST) }),
    ],
    ['a transparent AVIF', 'avif', async () => (await faded()).avif(POOREST).toBuffer()],
    ['an AVIF with the code points of sRGB', 'avif', () => avifWith(nclx(1, 13))],
  ];

async function avifWith(...properties: Buffer[]): Promise<Buffer> {
  const [color] = await av1Of(await (await photo()).png().toBuffer(), POOREST);
  if (color === undefined) throw new Error('expected an image');
  return avifOf({ color, properties });
}

const POOREST = { quality: 10, effort: 0 };

const fullColorJpeg = async () =>
  (await photo()).jpeg({ quality: 30, chromaSubsampling: '4:4:4' }).toBuffer();

async function transparentLossless(): Promise<Buffer> {
  return sharp(await (await bilevel()).toColourspace('srgb').ensureAlpha(0.5).png().toBuffer())
    .webp({ lossless: true })
    .toBuffer();
}

/** Returns a JPEG with segments that say how its colors are stored. */
function told(jpeg: Buffer, ...segments: Buffer[]): Buffer {
  return Buffer.concat([jpeg.subarray(0, 2), ...segments, jpeg.subarray(2)]);
}

/** Says YCbCr and 300 dpi, and has a thumbnail of one row. */
const jfif = () =>
  jpegSegment(
    0xe0,
    `JFIF\0\x01\x02\x01\x01\x2c\x01\x2c${String.fromCodePoint(SECRET.length / 3)}\x01${SECRET}`,
  );

/** Says RGB. */
const adobe = () => jpegSegment(0xee, `Adobe\0\x64\0\0\0\0\0${SECRET}`);

/** Returns a JPEG whose three components have other ids. */
function withIds(jpeg: Buffer, ids: string): Buffer {
  const [frame, scan] = [0xc0, 0xda].map((marker) => jpeg.indexOf(Buffer.of(0xff, marker))) as [
    number,
    number,
  ];
  for (let index = 0; index < 3; index += 1) {
    jpeg[frame + 10 + 3 * index] = ids.codePointAt(index) ?? 0;
    jpeg[scan + 5 + 2 * index] = ids.codePointAt(index) ?? 0;
  }
  return jpeg;
}

/** Returns a JPEG whose EXIF says that it is upright. */
function upright(jpeg: Buffer): Buffer {
  const turned = Buffer.from(oriented(jpeg, 3));
  // The value of its only field.
  turned[31] = 1;
  return turned;
}

const pixels = (bytes: Uint8Array) => sharp(bytes, { failOn: 'warning' }).raw().toBuffer();
const isSame = (a: Uint8Array, b: Uint8Array) => Buffer.compare(a, b) === 0;

/** Converts with and without the option. */
async function both(source: Uint8Array, rendition: object) {
  const [encoded, result] = await Promise.all([
    rendered(source, rendition),
    rendered(source, { ...rendition, keepSmaller: true }),
  ]);
  return { encoded, result };
}

describe.each(POOR)('%s', (_name, format, make) => {
  it.each([format, 'source'])('is kept if it is smaller than its encoding, for the format %s', async (to) => {
    const source = await make();
    const { encoded, result } = await both(source, { format: to });
    expect(source.length + STAMP_BYTES).toBeLessThan(encoded.length);
    expect(result.length).toBeLessThanOrEqual(source.length + STAMP_BYTES);
    expect(isSame(await pixels(result), await pixels(source))).toBe(true);
  });

  it('has the stamp, and is the same bytes each time', async () => {
    const source = await make();
    const recipe = parseRecipe(JSON.stringify({ renditions: [{ name: 'web', format, keepSmaller: true }] }));
    const [first, again, other] = await Promise.all(
      ['one', 'one', 'other'].map(async (stamp) => (await convertImage(source, recipe, stamp))[0]),
    );
    expect(first).toEqual(again);
    expect(first).toMatchObject({ width: WIDTH, height: HEIGHT, contentType: `image/${format}` });
    expect((await sharp(first?.bytes).metadata()).xmpAsString).toContain('stRef:versionID="one"');
    expect((await sharp(other?.bytes).metadata()).xmpAsString).toContain('stRef:versionID="other"');
  });

  it('loses all its metadata', async () => {
    const plain = await make();
    const hasAlpha = (await sharp(plain).metadata()).hasAlpha;
    const source = {
      jpeg: () => jpegWithMetadata(plain),
      png: () => pngWithMetadata(plain),
      webp: () => webpWithMetadata(plain, WIDTH, HEIGHT, hasAlpha),
      avif: () => avifWithMetadata(plain, { width: WIDTH, height: HEIGHT }),
    }[format]();
    expect((await sharp(source).metadata()).exif?.includes(SECRET)).toBe(true);
    const result = await rendered(source, { format, keepSmaller: true });
    expect(result.length).toBeLessThan(source.length);
    expect(isSame(result, await rendered(plain, { format, keepSmaller: true }))).toBe(true);
    expect(Buffer.from(result).includes(SECRET)).toBe(false);
    const { exif, iptc, icc, comments, xmpAsString } = await sharp(result).metadata();
    expect({ exif, iptc, icc, comments }).toEqual({});
    expect(xmpAsString).not.toContain(SECRET);
  });
});

describe('an upload that is larger than its encoding', () => {
  it.each([
    ['jpeg', async () => (await photo()).jpeg({ quality: 95 }).toBuffer()],
    ['png', async () => (await photo()).png({ compressionLevel: 0 }).toBuffer()],
    ['webp', async () => (await photo()).webp({ quality: 95 }).toBuffer()],
    ['avif', async () => (await photo()).avif({ quality: 95 }).toBuffer()],
  ] as const)('is encoded as %s', async (format, make) => {
    const { encoded, result } = await both(await make(), { format });
    expect(isSame(result, encoded)).toBe(true);
  });

  it('only by its metadata is kept without it', async () => {
    const source = jpegWithMetadata(await poorJpeg());
    const padded = Buffer.concat([source, Buffer.alloc(100_000)]);
    const { encoded, result } = await both(padded, { format: 'jpeg' });
    expect(result.length).toBeLessThan(encoded.length);
    expect(isSame(await pixels(result), await pixels(padded))).toBe(true);
  });
});

const chunksBefore = async (...chunks: Buffer[]) => {
  const png = await tightPng();
  const at = png.indexOf('PLTE') - 4;
  return Buffer.concat([png.subarray(0, at), ...chunks, png.subarray(at)]);
};

describe('an upload is encoded, even if that is larger,', () => {
  const withOptions = async (make: (image: Sharp) => Sharp) =>
    make(await photo())
      .jpeg({ quality: 30 })
      .toBuffer();

  it.each<[why: string, make: () => Promise<Buffer>, rendition: object]>([
    ['if EXIF turns it', async () => Buffer.from(oriented(await poorJpeg(), 6)), { format: 'jpeg' }],
    ['if EXIF mirrors it', async () => Buffer.from(oriented(await poorJpeg(), 2)), { format: 'jpeg' }],
    ['if its end is missing', async () => (await poorJpeg()).subarray(0, -2), { format: 'jpeg' }],
    [
      'if a JPEG has an ICC profile',
      () => withOptions((image) => image.withIccProfile('p3')),
      { format: 'jpeg' },
    ],
    [
      'if it keeps its profile, even that of sRGB',
      () => withOptions((image) => image.withIccProfile('srgb')),
      { format: 'jpeg', icc: 'keep' },
    ],
    [
      'if a grey JPEG has an ICC profile',
      async () => {
        const grey = await (await photo()).greyscale().toColourspace('b-w').jpeg({ quality: 30 }).toBuffer();
        const color = await withOptions((image) => image.withIccProfile('srgb'));
        const { icc = Buffer.of() } = await sharp(color).metadata();
        return told(grey, jpegSegment(0xe2, Buffer.concat([Buffer.from('ICC_PROFILE\0\x01\x01'), icc])));
      },
      { format: 'jpeg' },
    ],
    [
      'if a PNG has an ICC profile',
      async () => (await bilevel()).withIccProfile('p3').png({ palette: true }).toBuffer(),
      { format: 'png' },
    ],
    [
      'if a WebP has an ICC profile',
      async () => (await photo()).withIccProfile('p3').webp({ quality: 30 }).toBuffer(),
      { format: 'webp' },
    ],
    [
      'if an AVIF has an ICC profile',
      async () => (await photo()).withIccProfile('p3').avif(POOREST).toBuffer(),
      { format: 'avif' },
    ],
    [
      'if an AVIF has 10 bits',
      async () => (await photo()).avif({ ...POOREST, bitdepth: 10 }).toBuffer(),
      { format: 'avif' },
    ],
    ['if an AVIF has the code points of P3', () => avifWith(nclx(12, 13)), { format: 'avif' }],
    ['if an AVIF is turned', () => avifWith(box('irot', Buffer.of(2))), { format: 'avif' }],
    ['if a PNG has cICP', () => chunksBefore(cicp(12, 13)), { format: 'png' }],
    ['if a PNG has cICP of sRGB', () => chunksBefore(cicp(1, 13)), { format: 'png' }],
    ['if a PNG has gAMA', () => chunksBefore(gama(1)), { format: 'png' }],
    [
      'if a PNG has gAMA and cHRM',
      () => chunksBefore(gama(1 / 2.2), chrm([0.3127, 0.329, 0.68, 0.32, 0.265, 0.69, 0.15, 0.06])),
      { format: 'png' },
    ],
    [
      'if a PNG has 16 bits',
      async () => (await bilevel()).toColourspace('grey16').png({ compressionLevel: 9 }).toBuffer(),
      { format: 'png' },
    ],
    [
      'if a PNG is animated',
      () => chunksBefore(pngChunk('acTL', Buffer.of(0, 0, 0, 1, 0, 0, 0, 0)), frameControl()),
      { format: 'png' },
    ],
    [
      'if a JPEG has CMYK',
      async () => (await photo()).toColourspace('cmyk').jpeg({ quality: 30 }).toBuffer(),
      { format: 'jpeg' },
    ],
    ['if a WebP is animated', images.animatedWebp, { format: 'webp', lossless: 'smaller' }],
    ['if it is the first frame of an animation', images.animatedWebp, { format: 'webp', animated: false }],
    ['if it is a GIF', async () => (await bilevel()).gif().toBuffer(), { format: 'source' }],
    [
      'if it is a TIFF',
      async () => (await photo()).tiff({ compression: 'jpeg', quality: 30 }).toBuffer(),
      { format: 'source' },
    ],
    ['if it is the preview of camera RAW', async () => nef([await poorJpeg()], 1), { format: 'jpeg' }],
    ['if it is a PNG in an ICO', async () => ico([{ side: 0, png: await tightPng() }]), { format: 'png' }],
    ['if it has another format', poorJpeg, { format: 'png' }],
    [
      'if its copyright is to be kept',
      () => withOptions((image) => image.withExif({ IFD0: { Copyright: 'Ada' } })),
      { format: 'jpeg', metadata: ['copyright'] },
    ],
    ['if it is shrunk', poorJpeg, { format: 'jpeg', width: WIDTH - 1 }],
    ['if it is enlarged', poorJpeg, { format: 'jpeg', width: WIDTH + 1, enlarge: true }],
    ['if it is cropped', poorJpeg, { format: 'jpeg', width: WIDTH, height: HEIGHT - 1, fit: 'cover' }],
    ['if it is extended', poorJpeg, { format: 'jpeg', width: WIDTH + 1, height: HEIGHT, fit: 'contain' }],
    [
      'if it gets a background',
      async () => (await faded()).png({ palette: true }).toBuffer(),
      { format: 'png', background: '#ff0000' },
    ],
    [
      'if an AVIF gets a background',
      async () => (await faded()).avif(POOREST).toBuffer(),
      { format: 'avif', background: '#ff0000' },
    ],
    ['if the result is progressive', poorJpeg, { format: 'source', progressive: true }],
    ['if the result has all colors', poorJpeg, { format: 'source', chromaSubsampling: '4:4:4' }],
    ['if the result has a palette', tightPng, { format: 'source', palette: true }],
    ['if the result is lossless', poorWebp, { format: 'source', lossless: true }],
    ['if the result is nearly lossless', poorWebp, { format: 'source', nearLossless: true }],
  ])('%s', async (_why, make, rendition) => {
    const source = await make();
    const { encoded, result } = await both(source, rendition);
    expect(isSame(result, encoded)).toBe(true);
  });
});

function frameControl(): Buffer {
  const data = Buffer.alloc(26);
  data.writeUInt32BE(WIDTH, 4);
  data.writeUInt32BE(HEIGHT, 8);
  data.writeUInt16BE(1, 20);
  return pngChunk('fcTL', data);
}

describe('an upload is kept', () => {
  const KEPT = { isSmaller: true, isSame: true };

  async function keptAs(source: Buffer, rendition: object): Promise<typeof KEPT> {
    const { encoded, result } = await both(source, rendition);
    return {
      isSmaller: result.length < encoded.length,
      isSame: isSame(await pixels(result), await pixels(source)),
    };
  }

  it.each<[why: string, make: () => Promise<Buffer>, rendition: object]>([
    ['if it fits into its box', poorJpeg, { format: 'jpeg', width: 1600, height: 1600 }],
    ['if its box has its size', poorJpeg, { format: 'jpeg', width: WIDTH, height: HEIGHT, fit: 'cover' }],
    ['if it lacks the metadata to be kept', poorJpeg, { format: 'jpeg', metadata: ['copyright'] }],
    ['whatever the quality', poorJpeg, { format: 'jpeg', quality: 95 }],
    ['even if mozjpeg would be larger', poorJpeg, { format: 'jpeg', mozjpeg: true }],
    ['if only smaller renditions are sharpened', poorJpeg, { format: 'jpeg', sharpen: 1 }],
    ['if a background would not show', poorJpeg, { format: 'jpeg', background: '#ff0000' }],
    ['if options are for other formats', poorJpeg, { format: 'source', palette: true, lossless: true }],
    ['if its EXIF says upright', async () => upright(await poorJpeg()), { format: 'jpeg' }],
    [
      'if gAMA and cHRM do not count beside sRGB',
      () => chunksBefore(srgb(), gama(1 / 2.2), chrm([0.3127, 0.329, 0.64, 0.33, 0.3, 0.6, 0.15, 0.06])),
      { format: 'png' },
    ],
  ])('%s', async (_why, make, rendition) => {
    expect(await keptAs(await make(), rendition)).toEqual(KEPT);
  });

  it.each<[name: string, format: string, make: (image: Sharp) => Sharp]>([
    ['a JPEG', 'jpeg', (image) => image.jpeg({ quality: 30 })],
    ['a PNG', 'png', (image) => image.png({ palette: true, compressionLevel: 9 })],
    ['a WebP', 'webp', (image) => image.webp({ quality: 30 })],
  ])('without its profile if %s has that of sRGB', async (_name, format, make) => {
    const source = await make((await photo()).withIccProfile('srgb')).toBuffer();
    expect((await sharp(source).metadata()).icc).toBeDefined();
    const { encoded, result } = await both(source, { format });
    expect(result.length).toBeLessThan(encoded.length);
    expect((await sharp(result).metadata()).icc).toBeUndefined();
    // Not converted.
    expect(await pixels(result)).toEqual(await sharp(source).keepIccProfile().raw().toBuffer());
  });

  it('unless its profile cannot be examined, for which the recipe allows too few pixels', async () => {
    const small = (await photo()).resize(60, 50);
    const source = await small.withIccProfile('srgb').jpeg({ quality: 30 }).toBuffer();
    const converted = async (limit: number) => {
      const renditions = [{ name: 'web', format: 'jpeg', keepSmaller: true }];
      const [result] = await convertImage(
        source,
        parseRecipe(JSON.stringify({ renditions, limits: { pixels: limit } })),
        'stamp',
      );
      return result?.bytes.length ?? 0;
    };
    expect(await converted(3200)).toBeGreaterThan(await converted(3400));
  });

  it.each(['auto', 'smaller'])('instead of both encodings with lossless: %s', async (lossless) => {
    const drawing = await (await bilevel()).webp({ lossless: true, effort: 6 }).toBuffer();
    expect(await keptAs(drawing, { lossless, effort: 0 })).toEqual(KEPT);
    expect(await keptAs(await poorWebp(), { lossless })).toEqual(KEPT);
  });

  it('instead of lowering the quality to maxBytes', async () => {
    const source = await poorJpeg();
    const kept = await rendered(source, { format: 'jpeg', keepSmaller: true });
    const { encoded, result } = await both(source, { format: 'jpeg', maxBytes: kept.length });
    expect(isSame(result, kept)).toBe(true);
    expect(isSame(result, encoded)).toBe(false);
  });

  it('with its own placeholder', async () => {
    const recipe = (options: object) =>
      parseRecipe(
        JSON.stringify({
          renditions: [{ name: 'web', format: 'jpeg', placeholder: 'thumbhash', ...options }],
        }),
      );
    const [kept] = await convertImage(await poorJpeg(), recipe({ keepSmaller: true }), 'stamp');
    const [again] = await convertImage(
      kept?.bytes ?? Buffer.alloc(0),
      recipe({ keepSmaller: true }),
      'stamp',
    );
    expect(kept?.metadata).toMatchObject({
      'dominant-color': expect.any(String),
      thumbhash: expect.any(String),
    });
    expect(again?.metadata).toEqual(kept?.metadata);
  });

  it('beside renditions that are smaller, from one decode', async () => {
    const renditions = [
      { name: 'full', format: 'jpeg', keepSmaller: true },
      { name: 'small', format: 'jpeg', width: 100, keepSmaller: true },
    ];
    const source = await poorJpeg();
    const results = await convertImage(source, parseRecipe(JSON.stringify({ renditions })), 'stamp');
    expect(results.map(({ width }) => width)).toEqual([WIDTH, 100]);
    expect(isSame(await pixels(results[0]?.bytes ?? source), await pixels(source))).toBe(true);
  });
});

it('an upload with more than maxBytes loses quality', async () => {
  const source = await poorJpeg();
  const { encoded, result } = await both(source, { format: 'jpeg', maxBytes: source.length - 500 });
  expect(isSame(result, encoded)).toBe(true);
  expect(result.length).toBeLessThanOrEqual(source.length - 500);
});
