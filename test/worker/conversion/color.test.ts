import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { DEFAULT_RECIPE, parseRecipe } from '../../../src/core/recipe.ts';
import { avifColors } from '../../../src/worker/conversion/image/color/avif-colors.ts';
import { inSrgb } from '../../../src/worker/conversion/image/color/in-srgb.ts';
import { inspect } from '../../../src/worker/conversion/image/inspect.ts';
import { withProfile } from '../../../src/worker/conversion/image/color/png.ts';
import { av1Of, avifOf, nclx, prof } from '../../support/avif.ts';
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
