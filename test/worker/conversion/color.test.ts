import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { DEFAULT_RECIPE, parseRecipe } from '../../../src/core/recipe.ts';
import { avifColors } from '../../../src/worker/conversion/image/color/avif-colors.ts';
import { fromCodes } from '../../../src/worker/conversion/image/color/code-points.ts';
import { gammaCurve } from '../../../src/worker/conversion/image/color/rgb-space.ts';
import { toneCurve } from '../../../src/worker/conversion/image/color/tone-curve.ts';
import { inSrgb } from '../../../src/worker/conversion/image/color/in-srgb.ts';
import { inspect } from '../../../src/worker/conversion/image/inspect.ts';
import { withProfile } from '../../../src/worker/conversion/image/color/png.ts';
import { av1Header, type Av1Header } from '../../support/av1-header.ts';
import { av1Of, avifOf, box, clli, fullBox, nclx, prof, u16, u32 } from '../../support/avif.ts';
import { convertImage } from '../../support/convert-image.ts';
import { inP3, inSrgb as asSrgb, withGamma } from '../../support/meanings.ts';
import { PATCHES, patchRows, wrongPatches } from '../../support/patches.ts';
import { cases, fc } from '../../support/fuzz.ts';
import { chrm, cicp, gama, pngChunk, pngOf, srgb } from '../../support/png.ts';

/** Colors against numbers from the definitions of the color spaces; more of them are rows of docs/formats.md. */

async function convert(source: Uint8Array, ...renditions: object[]) {
  const named = renditions.map((rendition, index) => ({ name: `r${index}`, ...rendition }));
  return convertImage(source, parseRecipe(JSON.stringify({ renditions: named })), 'stamp');
}

async function one(source: Uint8Array, rendition: object = { format: 'png' }) {
  const [result] = await convert(source, rendition);
  if (result === undefined) throw new Error('expected a result');
  return result;
}

const p3Png = (depth: 8 | 16 = 8) => pngOf(patchRows(), { chunks: [cicp(12, 13)], depth });

describe('colors are right', () => {
  it.each([
    { format: 'png' },
    { format: 'jpeg', quality: 95 },
    { format: 'webp', quality: 95 },
    { format: 'avif', quality: 95 },
  ])('in $format', async (rendition) => {
    const tolerance = rendition.format === 'png' ? 1 : 2;
    expect(await wrongPatches(await one(p3Png(), rendition), inP3, tolerance)).toEqual([]);
  });

  it('in several renditions at once, whatever their sizes', async () => {
    for (const depth of [8, 16] as const) {
      const [large, small] = await convert(
        p3Png(depth),
        { format: 'png' },
        { format: 'png', width: 96, height: 96 },
      );
      expect(await wrongPatches(large, inP3)).toEqual([]);
      const whole = await sharp(small?.bytes)
        .resize({ width: PATCHES.length * 16, kernel: 'nearest' })
        .png()
        .toBuffer();
      expect(await wrongPatches({ bytes: whole }, inP3, 3)).toEqual([]);
    }
  });

  it.each([
    ['png', {}],
    ['tiff', { compression: 'deflate' }],
    ['avif', { quality: 100, bitdepth: 10, chromaSubsampling: '4:4:4' }],
  ] as const)('of a profile in %s with more than 8 bits', async (format, options) => {
    // sharp leaves the values as they are, since it takes them for Display P3 already.
    const pixels = sharp(pngOf(patchRows(), { depth: 16 }))
      .toColourspace('rgb16')
      .withIccProfile('p3');
    const source = await pixels.toFormat(format, options).toBuffer();
    expect(await sharp(source).metadata()).toMatchObject({ depth: 'ushort', hasProfile: true });
    expect(await wrongPatches(await one(source), inP3)).toEqual([]);
    const { icc, depth } = await sharp((await one(source)).bytes).metadata();
    expect({ icc, depth }).toEqual({ icc: undefined, depth: 'uchar' });
  });

  it('of grey with more than 8 bits and alpha, which stays as it is', async () => {
    const rows = [[0.25, 0.5, 0.75].map((value) => [value, value])];
    const { bytes } = await one(pngOf(rows, { chunks: [gama(1)], depth: 16 }));
    const { data, info } = await sharp(bytes).raw().toBuffer({ resolveWithObject: true });
    expect(info).toMatchObject({ width: 3, channels: 4 });
    expect([...data].filter((_, index) => index % 4 === 3)).toEqual([64, 128, 191]);
    expect([...data].filter((_, index) => index % 4 === 0)).toEqual([137, 188, 225]);
  });

  it('by cICP before an ICC profile', async () => {
    const pixels = sharp({ create: { width: 1, height: 1, channels: 3, background: 'red' } });
    const tagged = await pixels.withIccProfile('p3').png().toBuffer();
    const length = tagged.readUInt32BE(tagged.indexOf('iCCP') - 4);
    const iccp = tagged.subarray(tagged.indexOf('iCCP') - 4).subarray(0, length + 12);
    const png = (...chunks: Buffer[]) => pngOf(patchRows(), { chunks });
    expect(await wrongPatches(await one(png(iccp)), inP3)).toEqual([]);
    expect(await wrongPatches(await one(png(cicp(1, 13), iccp)), asSrgb)).toEqual([]);
    expect(await wrongPatches(await one(png(cicp(1, 4), iccp)), withGamma(2.2))).toEqual([]);
    // Unspecified is no answer.
    expect(await wrongPatches(await one(png(cicp(2, 2), iccp)), inP3)).toEqual([]);
  });
});

describe('HDR', () => {
  it('keeps its transparency, and its colors in every size', async () => {
    const half = (color: number, alpha: number) =>
      Array.from({ length: 32 }, () => [color, color, color, alpha]);
    const rows = Array.from({ length: 32 }, () => [...half(0.5, 1), ...half(0.5, 0.5)]);
    const source = pngOf(rows, { chunks: [cicp(9, 16)], depth: 16 });
    const results = await convert(source, { format: 'png' }, { format: 'png', width: 16, height: 16 });
    for (const { bytes, width, height } of results) {
      const { data } = await sharp(bytes).raw().toBuffer({ resolveWithObject: true });
      const at = (x: number) => [...data.subarray((Math.floor(height / 2) * width + x) * 4).subarray(0, 4)];
      const found = [...at(width / 4), ...at((width * 3) / 4)];
      const wrong = [131, 131, 131, 255, 131, 131, 131, 128].map((value, index) =>
        Math.abs(value - (found[index] ?? 0)),
      );
      // Pixels that are half transparent lose a bit when they are resized.
      expect(Math.max(...wrong)).toBeLessThanOrEqual(2);
    }
    expect(results.map(({ width }) => width)).toEqual([64, 16]);
  });

  it('is turned and trimmed from all of its pixels', async () => {
    const line = Array.from({ length: 64 }, (_, x) => (x < 32 ? [0, 0, 0] : [0.5, 0.5, 0.5]));
    const source = pngOf(
      Array.from({ length: 16 }, () => line),
      { chunks: [cicp(9, 16)], depth: 16 },
    );
    const [turned] = await convert(source, { format: 'png', rotate: 90 }, { format: 'png', width: 8 });
    expect([turned?.width, turned?.height]).toEqual([16, 64]);
    const [trimmed] = await convert(source, { format: 'png', trim: 10 });
    expect([trimmed?.width, trimmed?.height]).toEqual([32, 16]);
  });

  it('of grey with 16 bits is grey', async () => {
    const source = pngOf([[[0.5], [1]]], { chunks: [cicp(9, 16)], depth: 16 });
    const { data } = await sharp((await one(source)).bytes)
      .raw()
      .toBuffer({ resolveWithObject: true });
    expect([...data]).toEqual([131, 131, 131, 255, 255, 255]);
  });
});

describe('an AVIF', () => {
  const image = async () => {
    const [color] = await av1Of(pngOf(patchRows()));
    if (color === undefined) throw new Error('expected an image');
    return color;
  };

  async function bytesOpened(source: Buffer): Promise<unknown[]> {
    const opened: unknown[] = [];
    const inspected = await inspect(source, DEFAULT_RECIPE.limits);
    const open = await inSrgb(source, inspected, inspected.size, (of) => {
      opened.push(of);
      return sharp(source);
    });
    open(false);
    return opened;
  }

  it('with an ICC profile shows its colors, whatever the code points', async () => {
    const pixels = sharp({ create: { width: 1, height: 1, channels: 3, background: 'red' } });
    const { icc } = await sharp(await pixels.withIccProfile('p3').png().toBuffer()).metadata();
    if (icc === undefined) throw new Error('expected a profile');
    for (const properties of [
      [prof(icc), nclx(1, 13)],
      [nclx(9, 13), prof(icc)],
    ]) {
      const source = avifOf({ color: await image(), properties });
      expect(await wrongPatches(await one(source), inP3)).toEqual([]);
      expect(await bytesOpened(source)).toEqual([source]);
    }
  });

  it.each([
    ['sRGB', [nclx(1, 13)]],
    ['nothing specified', [nclx(2, 2)]],
    ['unknown code points', [nclx(3, 13)]],
    ['limited range, which libheif expands where there are three planes', [nclx(1, 13, false)]],
    ['no code points', []],
  ])('with %s is opened as it is', async (_what, properties) => {
    const source = avifOf({ color: await image(), properties });
    expect(await bytesOpened(source)).toEqual([source]);
  });

  it('whose boxes are damaged in any way is read to an end', async () => {
    const source = avifOf({ color: await image(), properties: [nclx(12, 13)] });
    const header = source.indexOf('mdat');
    const damage = fc.array(fc.tuple(fc.nat(header + 40), fc.nat(255)), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(damage, (bytes) => {
        const damaged = Buffer.from(source);
        for (const [at, value] of bytes) damaged[at] = value;
        expect(avifColors(damaged)).toHaveProperty('limited');
      }),
      { numRuns: cases(2000) },
    );
  });
});

const NOT_SRGB = [0.3127, 0.329, 0.68, 0.32, 0.265, 0.69, 0.15, 0.06];

it.each([
  ['sRGB', [srgb()]],
  ['sRGB and gAMA', [srgb(), gama(1 / 2.2)]],
  ['gAMA of about 2.2', [gama(0.45455)]],
  ['only cHRM', [chrm(NOT_SRGB)]],
  ['cICP of sRGB', [cicp(1, 13)]],
  ['cICP of nothing known', [cicp(3, 13)]],
  ['cICP of a matrix', [pngChunk('cICP', Buffer.of(12, 13, 1, 1))]],
  ['cICP of limited range', [pngChunk('cICP', Buffer.of(12, 13, 0, 0))]],
  ['no description', []],
])('a PNG with %s is read as it is', (_what, chunks) => {
  const png = pngOf(patchRows(), { chunks });
  expect(withProfile(png)).toBe(png);
});

describe('an AVIF whose parts are in items of their own', () => {
  const header = (fields: Partial<Av1Header>) => {
    const data = av1Header({
      profile: 0,
      width: 8,
      height: 8,
      isDeep: false,
      monochrome: false,
      codes: undefined,
      fullRange: true,
      isReduced: true,
      points: [],
      hasDelays: false,
      hasFrameIds: false,
      hasOrderHint: false,
      screenContent: 'off',
      choosesIntegers: false,
      fill: 0,
      ...fields,
    });
    return Buffer.concat([Buffer.of(0x0a, data.length), data]);
  };
  const LIMITED = { monochrome: true, fullRange: false };
  const ALPHA_TYPE = 'urn:mpeg:mpegB:cicp:systems:auxiliary:alpha';

  /** Item 1 is a grid of item 3, and item 2, an auxiliary picture, is a grid of item 4. */
  function gridOf({
    tile = header({}),
    auxiliary = Buffer.alloc(0),
    auxiliaryType = ALPHA_TYPE,
    properties = [] as Buffer[],
  }): Buffer {
    const place = (item: number, at: number, length: number) =>
      Buffer.concat([u16(item, 1, 0, 1), u32(at, length)]);
    const ofFirst = Buffer.of(properties.length, ...properties.map((_, index) => index + 2));
    return fullBox(
      'meta',
      fullBox('pitm', u16(1)),
      fullBox('iref', box('dimg', u16(1, 1, 3)), box('dimg', u16(2, 1, 4)), box('auxl', u16(2, 1, 1))),
      box(
        'iprp',
        box('ipco', fullBox('auxC', Buffer.from(`${auxiliaryType}\0`)), ...properties),
        fullBox('ipma', u32(2), u16(1), ofFirst, u16(2), Buffer.of(1, 1)),
      ),
      box('idat', tile, auxiliary),
      box(
        'iloc',
        Buffer.of(1, 0, 0, 0, 0x44, 0),
        u16(2),
        place(3, 0, tile.length),
        place(4, tile.length, auxiliary.length || 1),
      ),
    );
  }

  const none = { space: undefined, hdr: undefined };
  it.each([
    ['grey', { tile: header(LIMITED) }, { grey: true, alpha: false }],
    [
      'grey, unless its code points say otherwise',
      { tile: header(LIMITED), properties: [nclx(1, 13)] },
      { grey: false, alpha: false },
    ],
    [
      'grey, if its code points say so',
      { tile: header({ monochrome: true }), properties: [nclx(1, 13, false)] },
      { grey: true, alpha: false },
    ],
    ['no grey, if it has colors', { tile: header({ fullRange: false }) }, { grey: false, alpha: false }],
    ['alpha', { tile: header({}), auxiliary: header(LIMITED) }, { grey: false, alpha: true }],
    ['no alpha, if that is full', { auxiliary: header({ monochrome: true }) }, { grey: false, alpha: false }],
    [
      'no alpha, if the other picture is a map of depth',
      { auxiliary: header(LIMITED), auxiliaryType: 'urn:mpeg:mpegB:cicp:systems:auxiliary:depth' },
      { grey: false, alpha: false },
    ],
    ['nothing, if there is no bitstream', { tile: Buffer.of(0x12, 0) }, { grey: false, alpha: false }],
  ])('has a limited range of %s', (_what, parts, limited) => {
    expect(avifColors(gridOf(parts))).toEqual({ ...none, limited });
  });

  it('has the code points of its own property', () => {
    const text = box('udes', Buffer.from('nclx'), Buffer.of(0, 12, 0, 13, 0, 6, 0x80));
    const profile = box('colr', Buffer.from('rICC'), Buffer.of(0, 12, 0, 13, 0, 6, 0x80));
    expect(avifColors(gridOf({ properties: [text, profile] })).space).toBeUndefined();
    const { space } = avifColors(gridOf({ properties: [text, profile, nclx(12, 13)] }));
    expect(space?.primaries.red).toEqual([0.68, 0.32]);
  });

  it('has the peak that its properties say', () => {
    const volume = box('mdcv', Buffer.alloc(16), u32(4_000_000, 1));
    const peakWith = (...properties: Buffer[]) =>
      avifColors(gridOf({ properties: [nclx(9, 16), ...properties] })).hdr?.peak;
    expect([peakWith(clli(600), volume), peakWith(clli(0), volume), peakWith()]).toEqual([
      600,
      400,
      undefined,
    ]);
  });

  it('says nothing without items', () => {
    expect(avifColors(box('ftyp', Buffer.from('avif')))).toEqual({
      ...none,
      limited: { grey: false, alpha: false },
    });
  });
});

describe('the chunks of a PNG that describe colors', () => {
  const raw = (value: number) => pngChunk('gAMA', u32(value));
  const typesOf = (png: Uint8Array) => {
    const bytes = Buffer.from(png);
    const types: string[] = [];
    for (let at = 8; at < bytes.length; at += 12 + bytes.readUInt32BE(at))
      types.push(bytes.toString('latin1', at + 4, at + 8));
    return types;
  };

  it('make way for the profile that means the same', () => {
    const png = pngOf(patchRows(), { chunks: [gama(1), chrm(NOT_SRGB), pngChunk('pHYs', Buffer.alloc(9))] });
    expect(typesOf(withProfile(png))).toEqual(['IHDR', 'iCCP', 'pHYs', 'IDAT', 'IEND']);
  });

  it.each([
    [15, false],
    [16, true],
    [625_000_000, true],
    [625_000_001, false],
  ])('count only with a gamma that libpng accepts: %d', (value, counts) => {
    const png = pngOf(patchRows(), { chunks: [raw(value)] });
    expect(withProfile(png) !== png).toBe(counts);
  });

  it('count without primaries that are no colors', () => {
    const [flat, absurd] = [
      [0.3127, 0, ...NOT_SRGB.slice(2)],
      [0.3127, 0.001, ...NOT_SRGB.slice(2)],
    ];
    const expected = withProfile(pngOf(patchRows(), { chunks: [gama(1)] }));
    for (const primaries of [flat, absurd])
      expect(withProfile(pngOf(patchRows(), { chunks: [gama(1), chrm(primaries)] }))).toEqual(expected);
  });

  it('do not count for grey whose curve is that of sRGB, after the pixels, or without a header', () => {
    const grey = pngOf([[[0.5], [1]]], { chunks: [cicp(12, 13)] });
    expect(withProfile(grey)).toBe(grey);
    const plain = pngOf(patchRows());
    const after = Buffer.concat([plain.subarray(0, -12), gama(1), plain.subarray(-12)]);
    expect(withProfile(after)).toBe(after);
    const headless = Buffer.concat([plain.subarray(0, 8), gama(1)]);
    expect(withProfile(headless)).toBe(headless);
  });

  it('are read up to where the file is cut off', () => {
    const png = pngOf([[[0.5, 0.5, 0.5]]], { chunks: [gama(1)] });
    for (let length = 8; length < png.length; length += 1)
      expect(withProfile(png.subarray(0, length)).length).toBeGreaterThanOrEqual(length);
  });
});

it('a code point that says nothing stands for that of sRGB beside one that does', () => {
  const { primaries: p3 } = fromCodes(12, 13) ?? {};
  const { primaries: usual, curve } = fromCodes(1, 13) ?? {};
  expect(fromCodes(12, 2)).toEqual({ primaries: p3, curve });
  expect(fromCodes(2, 8)).toEqual({ primaries: usual, curve: gammaCurve(1) });
  expect([fromCodes(2, 2), fromCodes(3, 13), fromCodes(1, 3)]).toEqual([undefined, undefined, undefined]);
});

describe('the light of HDR', () => {
  it('follows a Bézier curve from the reference white to the peak', () => {
    const factor = toneCurve(1000);
    const points = [
      [1, 0.5],
      [1.65, 0.825],
      [1000 / 203, 1],
    ] as const;
    for (const t of [0, 0.1, 0.5, 0.9, 1]) {
      const along = (axis: 0 | 1) =>
        (1 - t) ** 2 * points[0][axis] + 2 * t * (1 - t) * points[1][axis] + t ** 2 * points[2][axis];
      expect(factor(along(0)) * along(0)).toBeCloseTo(along(1), 9);
    }
    expect([factor(0.25), factor(100)]).toEqual([0.5, 0.01]);
  });

  it('is as it is in a picture that is no brighter than the reference white', () => {
    expect([toneCurve(203)(0.5), toneCurve(100)(0.25), toneCurve(100)(0.9)]).toEqual([1, 1, 1]);
  });
});

it('a PNG whose chunks say anything at all ends with a picture or a code', async () => {
  const chunk = fc
    .tuple(fc.constantFrom('cICP', 'gAMA', 'cHRM'), fc.uint8Array({ maxLength: 40 }))
    .map(([type, data]) => pngChunk(type, data));
  const likely = fc.oneof(
    chunk,
    fc.tuple(fc.nat(24), fc.nat(20)).map(([primaries, transfer]) => cicp(primaries, transfer)),
    fc.double({ min: 0, max: 40_000, noNaN: true }).map(gama),
    fc.array(fc.double({ min: 0, max: 2, noNaN: true }), { minLength: 8, maxLength: 8 }).map(chrm),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(likely, { maxLength: 3 }), async (chunks) => {
      const source = pngOf([[[0.5, 0.5, 0.5]]], { chunks });
      const settled = await one(source).catch((error: { code?: string }) => error.code);
      expect(settled).toEqual(expect.anything());
    }),
    { numRuns: cases(200) },
  );
});
