import { differenceCiede2000 } from 'culori';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { parseRecipe } from '../../../src/core/recipe.ts';
import { greyProfile } from '../../../src/worker/conversion/image/color/icc-profile.ts';
import { withIccp } from '../../../src/worker/conversion/image/color/png.ts';
import { gammaCurve } from '../../../src/worker/conversion/image/color/rgb-space.ts';
import { withProfile } from '../../../src/worker/conversion/image/with-profile.ts';
import { av1Of, avifOf, nclx } from '../../support/avif.ts';
import { convertImage } from '../../support/convert-image.ts';
import { heic } from '../../support/formats/heic.ts';
import { iccIn, iccNumbers, iccTag } from '../../support/icc-in.ts';
import * as images from '../../support/images.ts';
import { inP3, inSrgb } from '../../support/meanings.ts';
import { PATCHES, patchRows, SIDE, wrongPatches } from '../../support/patches.ts';
import { cicp, pngOf } from '../../support/png.ts';
import { pixelAt } from '../../support/rendered.ts';

async function convert(source: Uint8Array, ...renditions: object[]) {
  const named = renditions.map((rendition, index) => ({ name: `r${index}`, format: 'png', ...rendition }));
  const results = await convertImage(source, parseRecipe(JSON.stringify({ renditions: named })), 'stamp');
  return named.map(({ name }) => {
    const result = results.find(({ rendition }) => rendition === name);
    if (result === undefined) throw new Error(`expected ${name}`);
    return result;
  });
}

async function kept(source: Uint8Array, rendition: object = {}) {
  const [result] = await convert(source, { icc: 'keep', ...rendition });
  if (result === undefined) throw new Error('expected a result');
  return result;
}

/** The patches, whose values are in Display P3 by an ICC profile. */
async function p3(format: 'png' | 'jpeg' | 'webp' | 'tiff' = 'png', depth: 8 | 16 = 8): Promise<Buffer> {
  const options = format === 'jpeg' || format === 'webp' ? { quality: 100 } : {};
  // sharp takes the values for those of Display P3 already if they have 16 bits.
  const values = sharp(pngOf(patchRows(), { depth: 16 }))
    .toColourspace('rgb16')
    .withIccProfile('p3');
  const deep = await values.png().toBuffer();
  if (depth === 16) return values.toFormat(format, options).toBuffer();
  return sharp(deep).keepIccProfile().toColourspace('srgb').toFormat(format, options).toBuffer();
}

const iccOf = async (bytes: Uint8Array) => (await sharp(bytes).metadata()).icc;

const difference = differenceCiede2000();

/** Returns the patches of a result whose values in Display P3 are too far from those of the source. */
async function wrongInP3({ bytes }: { bytes: Uint8Array }, tolerance = 2): Promise<object[]> {
  const { data, info } = await sharp(bytes)
    .keepIccProfile()
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  const side = (SIDE * info.width) / (SIDE * PATCHES.length);
  return PATCHES.flatMap((values, index) => {
    const at = (Math.floor(info.height / 2) * info.width + Math.floor((index + 0.5) * side)) * 3;
    const [r = 0, g = 0, b = 0] = data.subarray(at, at + 3);
    const shown = inP3([r / 255, g / 255, b / 255]);
    const delta = difference(inP3(values), shown);
    return delta <= tolerance ? [] : [{ values, shown, delta }];
  });
}

describe('a result with the profile of its source', () => {
  it.each([
    { format: 'png' },
    { format: 'jpeg', quality: 95, chromaSubsampling: '4:4:4' },
    { format: 'webp', lossless: true },
    { format: 'webp', quality: 95 },
    { format: 'avif', quality: 95, chromaSubsampling: '4:4:4' },
  ])('has its colors, also those that sRGB lacks: %j', async (rendition) => {
    for (const depth of [8, 16] as const) {
      const source = await p3('png', depth);
      const result = await kept(source, rendition);
      expect(
        await wrongInP3(result, rendition.lossless === true || rendition.format === 'png' ? 0.6 : 2),
      ).toEqual([]);
      expect(await iccOf(result.bytes)).toEqual(await iccOf(source));
      expect((await sharp(result.bytes).metadata()).depth).toBe('uchar');
      // Who reads the profile sees the right colors in sRGB, too.
      expect(await wrongPatches(result, inP3)).toEqual([]);
    }
  });

  it.each(['jpeg', 'webp', 'tiff'] as const)(
    'can be of a source in %s, and keep its format',
    async (format) => {
      const source = await p3(format);
      const result = await kept(source, { format: 'source', ...(format === 'tiff' ? {} : { quality: 95 }) });
      expect((await sharp(result.bytes).metadata()).format).toBe(format);
      expect(await iccOf(result.bytes)).toEqual(await iccOf(source));
      expect(await wrongInP3(result)).toEqual([]);
    },
  );

  it('is beside others in sRGB, in every order and size', async () => {
    const source = await p3();
    const half = { width: PATCHES.length * (SIDE / 2), height: SIDE / 2, fit: 'fill' };
    const sizes = [{}, half];
    const renditions = sizes.flatMap((size) => [{ icc: 'keep', ...size }, size]);
    for (const ordered of [renditions, renditions.toReversed()]) {
      const results = await convert(source, ...ordered);
      for (const [index, result] of results.entries()) {
        const isKept = 'icc' in (ordered[index] ?? {});
        expect((await iccOf(result.bytes)) !== undefined).toBe(isKept);
        if (isKept) expect(await wrongInP3(result, 0.6)).toEqual([]);
        else if (result.width === PATCHES.length * SIDE) expect(await wrongPatches(result, inP3)).toEqual([]);
      }
    }
  });

  it.each([
    ['of any size in bytes', { format: 'webp', maxBytes: 1400 }],
    ['lossless by its colors', { format: 'webp', lossless: 'auto' }],
    ['that is the smaller one', { format: 'webp', lossless: 'smaller' }],
    ['in 4:2:0', { format: 'avif', quality: 90 }],
    ['that was turned', { rotate: 180 }],
    ['that was sharpened', { width: 96, height: 8, fit: 'fill', sharpen: 0.5 }],
    ['that could be smaller as it was uploaded', { format: 'png', keepSmaller: true }],
    ['with metadata', { format: 'jpeg', quality: 95, metadata: ['creator'] }],
  ])('%s has the profile', async (_what, rendition) => {
    const source = await p3();
    const result = await kept(source, rendition);
    expect(await iccOf(result.bytes)).toEqual(await iccOf(source));
    const turned = 'rotate' in rendition;
    const bytes = turned
      ? await sharp(result.bytes).keepIccProfile().rotate(180).png().toBuffer()
      : result.bytes;
    expect(await wrongInP3({ bytes }, 4)).toEqual([]);
  });

  it('is trimmed in its own colors', async () => {
    const pixels = sharp({ create: { width: 20, height: 20, channels: 3, background: '#00ff00' } });
    const bordered = pixels.extend({ top: 5, bottom: 5, left: 5, right: 5, background: '#ffffff' });
    // The values stay: they are said to be in Display P3.
    const icc = await iccOf(await p3());
    const source = await tagged(await bordered.png().toBuffer(), icc);
    const result = await kept(source, { trim: 10 });
    expect(result).toMatchObject({ width: 20, height: 20 });
    const { data } = await sharp(result.bytes).keepIccProfile().raw().toBuffer({ resolveWithObject: true });
    expect([...data.subarray(0, 3)]).toEqual([0, 255, 0]);
    expect(await iccOf(result.bytes)).toEqual(icc);
  });

  it('keeps its transparency', async () => {
    const source = await tagged(await images.greyWithAlphaPng(), await iccOf(await p3()), 4);
    const result = await kept(source);
    const before = await sharp(source).keepIccProfile().raw().toBuffer();
    expect((await sharp(result.bytes).keepIccProfile().raw().toBuffer()).equals(before)).toBe(true);
  });

  it('can be an animation', async () => {
    const frames = ['#00ff00', '#0000ff'].map((background) =>
      sharp({ create: { width: 16, height: 16, channels: 3, background } })
        .png()
        .toBuffer(),
    );
    const still = sharp(await Promise.all(frames), { join: { animated: true } });
    const { icc } = await sharp(
      await still.withIccProfile('p3').webp({ lossless: true }).toBuffer(),
    ).metadata();
    const source = await still.withIccProfile('p3').webp({ lossless: true }).toBuffer();
    const result = await kept(source, { format: 'webp', lossless: true });
    const metadata = await sharp(result.bytes).metadata();
    expect(metadata.pages).toBe(2);
    expect(metadata.icc).toEqual(icc);
    const values = (bytes: Uint8Array) => sharp(bytes, { animated: true }).keepIccProfile().raw().toBuffer();
    expect((await values(result.bytes)).equals(await values(source))).toBe(true);
  });

  it('has a placeholder in sRGB, which pages need', async () => {
    const [red, , ,] = await pixelAt(await tagged(await flat('#c08040'), await iccOf(await p3())), 0, 0);
    const source = await tagged(await flat('#c08040'), await iccOf(await p3()));
    const { metadata } = await kept(source, { placeholder: 'color' });
    const [plain] = await convert(source, { placeholder: 'color' });
    expect(metadata['dominant-color']).toBe(plain?.metadata['dominant-color']);
    expect(metadata['dominant-color']).not.toBe('#c08040');
    expect(Number.parseInt(metadata['dominant-color']?.slice(1, 3) ?? '', 16)).toBe(red);
  });

  it('is byte-identical when made again', async () => {
    const source = await p3('jpeg');
    const make = async () => (await kept(source, { format: 'avif' })).bytes;
    expect(Buffer.compare(await make(), await make())).toBe(0);
  });

  it.each(['icc', 'p3'])(
    'can be of a HEIC, also where code points take the place of a profile: %s',
    async (name) => {
      const result = await kept(await heic(name));
      expect(await iccOf(result.bytes)).toBeDefined();
      // Of the file's P3 values 117, 251 and 76, which are almost sRGB's green.
      const { data } = await sharp(result.bytes).keepIccProfile().raw().toBuffer({ resolveWithObject: true });
      expect(
        [...data.subarray(0, 3)].every((value, index) => Math.abs(value - ([117, 251, 76][index] ?? 0)) <= 3),
      ).toBe(true);
    },
  );
});

const flat = (background: string) =>
  sharp({ create: { width: 8, height: 8, channels: 3, background } })
    .png()
    .toBuffer();

/** Returns a PNG whose values are said to be in the color space of a profile. */
async function tagged(png: Uint8Array, icc: Buffer | undefined, channels: 3 | 4 = 3): Promise<Buffer> {
  if (icc === undefined) throw new Error('expected a profile');
  const { data, info } = await sharp(png).toColourspace('srgb').raw().toBuffer({ resolveWithObject: true });
  expect(info.channels).toBe(channels);
  const tiff = withProfile({ data, width: info.width, height: info.height, channels }, icc);
  return sharp(tiff).keepIccProfile().png().toBuffer();
}

describe('a source without an RGB profile becomes sRGB, without a profile', () => {
  it('that says nothing of its colors', async () => {
    const result = await kept(pngOf(patchRows()));
    expect(await wrongPatches(result, inSrgb)).toEqual([]);
    expect(await iccOf(result.bytes)).toBeUndefined();
  });

  it.each([
    ['PNG (cICP)', () => Promise.resolve(pngOf(patchRows(), { chunks: [cicp(12, 13)] }))],
    [
      'AVIF (nclx)',
      async () => {
        const [color] = await av1Of(pngOf(patchRows()));
        if (color === undefined) throw new Error('expected an image');
        return avifOf({ color, properties: [nclx(12, 13)] });
      },
    ],
  ])('that describes them without a profile: %s', async (_what, source) => {
    const result = await kept(await source());
    expect(await wrongPatches(result, inP3)).toEqual([]);
    expect(await iccOf(result.bytes)).toBeUndefined();
  });

  /** The patches with the profile of Display P3, to which zeros are added. */
  async function withLength(length: number): Promise<{ source: Buffer; icc: Buffer }> {
    const icc = Buffer.alloc(length);
    icc.set((await iccOf(await p3())) ?? []);
    icc.writeUInt32BE(length);
    const { data, info } = await sharp(pngOf(patchRows())).raw().toBuffer({ resolveWithObject: true });
    const tiff = withProfile({ data, width: info.width, height: info.height, channels: 3 }, icc);
    return { source: await sharp(tiff).keepIccProfile().tiff().toBuffer(), icc };
  }

  it.each([
    ['too large', 1_000_004],
    // libpng wants a multiple of four.
    ['not sound', 1_003],
  ])('whose profile is %s', async (_what, length) => {
    const { source } = await withLength(length);
    const result = await kept(source);
    expect(await wrongPatches(result, inP3)).toEqual([]);
    expect(await iccOf(result.bytes)).toBeUndefined();
  });

  it('but not one whose profile is just large', async () => {
    const { source, icc } = await withLength(1_000_000);
    for (const format of ['jpeg', 'png', 'webp', 'avif', 'source'])
      expect(await iccOf((await kept(source, { format })).bytes)).toEqual(icc);
  });

  it('of CMYK or grey with a profile', async () => {
    const cmyk = sharp(pngOf(patchRows())).toColourspace('cmyk').withIccProfile('cmyk');
    const grey = pngOf([[[0.25], [0.5], [0.75]]]);
    const sources = [await cmyk.jpeg({ quality: 95 }).toBuffer(), withIccp(grey, greyProfile(gammaCurve(1)))];
    for (const source of sources) expect(await iccOf(source)).toBeDefined();
    for (const source of sources) {
      const [keeps, plain] = await convert(source, { icc: 'keep' }, {});
      expect(await iccOf(keeps?.bytes ?? Buffer.alloc(0))).toBeUndefined();
      expect(keeps?.bytes).toEqual(plain?.bytes);
    }
  });
});

/** A PNG with every eighth value of each channel, and all values of grey. */
function manyColors(): Promise<Buffer> {
  const levels = Array.from({ length: 32 }, (_, index) => Math.round((index * 255) / 31));
  const colors = levels.flatMap((r) => levels.flatMap((g) => levels.map((b) => [r, g, b])));
  const greys = Array.from({ length: 256 }, (_, value) => [value, value, value]);
  const data = Buffer.from([...colors, ...greys].flat());
  return sharp(data, { raw: { width: 256, height: data.length / 256 / 3, channels: 3 } })
    .png()
    .toBuffer();
}

/** Returns the values of a file, whatever its profile says. */
const valuesOf = (bytes: Uint8Array) =>
  sharp(bytes, { animated: true, ignoreIcc: true }).raw().toBuffer({ resolveWithObject: true });

describe('a result with the profile of sRGB', () => {
  const FORMATS = ['jpeg', 'png', 'webp', 'avif'] as const;

  async function attached(source: Uint8Array, rendition: object) {
    // Alone, each is made from the source itself.
    const [result] = await convert(source, { ...rendition, icc: 'srgb' });
    const [plain] = await convert(source, rendition);
    if (result === undefined || plain === undefined) throw new Error('expected two results');
    return { result, plain };
  }

  it.each(FORMATS)('has exactly the pixels of a result without it, in %s', async (format) => {
    const { result, plain } = await attached(await manyColors(), { format });
    const icc = iccIn(result.bytes, format);
    expect(icc?.length).toBe(480);
    expect(result.bytes.length - plain.bytes.length).toBeLessThan(510);
    expect(iccIn(plain.bytes, format)).toBeUndefined();
    expect(await valuesOf(result.bytes)).toEqual(await valuesOf(plain.bytes));
  });

  it.each([
    ['jpeg', { progressive: true, mozjpeg: true, quality: 30 }],
    ['png', { palette: true, colors: 16 }],
    ['webp', { lossless: 'smaller' }],
    ['webp', { lossless: 'auto' }],
    ['webp', { maxBytes: 6_000 }],
    ['avif', { chromaSubsampling: '4:4:4', quality: 30 }],
    ['jpeg', { rotate: 90, width: 64, height: 64, fit: 'contain', background: '#4a90d9' }],
    ['webp', { trim: 10, sharpen: 0.5, width: 50, animated: false }],
    ['jpeg', { metadata: ['creator'] }],
  ] as const)('can be made in any other way: %s, %j', async (format, options) => {
    const { result, plain } = await attached(await manyColors(), { format, ...options });
    expect(iccIn(result.bytes, format)?.length).toBe(480);
    // Among several encodings or qualities, the profile counts like every other byte.
    if (!('maxBytes' in options)) expect(await valuesOf(result.bytes)).toEqual(await valuesOf(plain.bytes));
  });

  it('has a profile with the primaries and the curve of sRGB', async () => {
    const { result } = await attached(await flat('#c08040'), { format: 'png' });
    const icc = iccIn(result.bytes, 'png') ?? Buffer.alloc(0);
    expect(icc.toString('latin1', 12, 24)).toBe('mntrRGB XYZ ');
    // https://www.color.org/chardata/rgb/srgb.xalter: sRGB's primaries, adapted to D50 by Bradford's method.
    const expected = {
      rXYZ: [0.436, 0.2225, 0.0139],
      gXYZ: [0.3851, 0.7169, 0.0971],
      bXYZ: [0.1431, 0.0606, 0.7139],
    };
    for (const [signature, values] of Object.entries(expected))
      for (const [index, value] of iccNumbers(iccTag(icc, signature), 8).entries())
        expect(value).toBeCloseTo(values[index] ?? 0, 3);
    for (const signature of ['rTRC', 'gTRC', 'bTRC']) {
      const curve = iccTag(icc, signature);
      expect([curve.toString('latin1', 0, 4), curve.readUInt16BE(8)]).toEqual(['para', 3]);
      for (const [index, value] of iccNumbers(curve, 12).entries())
        expect(value).toBeCloseTo([2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045][index] ?? 0, 4);
    }
  });

  it.each([
    [
      'grey',
      () =>
        sharp(pngOf([[[0], [0.3], [1]]]))
          .png()
          .toBuffer(),
    ],
    ['grey with transparency', images.greyWithAlphaPng],
    ['grey with 16 bits', () => Promise.resolve(pngOf([[[0.1], [0.5], [0.9]]], { depth: 16 }))],
    ['16 bits', () => Promise.resolve(pngOf(patchRows(), { depth: 16 }))],
    ['16 bits in Display P3', () => p3('png', 16)],
    ['Display P3', () => p3('jpeg')],
    ['Display P3 by code points', () => Promise.resolve(pngOf(patchRows(), { chunks: [cicp(12, 13)] }))],
    ['CMYK', () => sharp(pngOf(patchRows())).toColourspace('cmyk').jpeg().toBuffer()],
    ['CMYK with a profile', () => sharp(pngOf(patchRows())).withIccProfile('cmyk').jpeg().toBuffer()],
    ['a damaged profile', async () => withIccp(await flat('#c08040'), Buffer.alloc(600, 0x41))],
    ['a HEIC', () => heic('p3')],
    ['an animation, of which it is a still', images.animatedGif],
  ])('has the same colors as without it, of %s', async (_what, source) => {
    const { result, plain } = await attached(await source(), { format: 'png' });
    expect(iccIn(result.bytes, 'png')?.length).toBe(480);
    expect((await valuesOf(result.bytes)).data.equals((await valuesOf(plain.bytes)).data)).toBe(true);
  });

  it('can be an animation in WebP', async () => {
    const { result, plain } = await attached(await images.animatedGif(), { format: 'webp', width: 20 });
    expect(iccIn(result.bytes, 'webp')?.length).toBe(480);
    expect((await sharp(result.bytes).metadata()).pages).toBeGreaterThan(1);
    expect(await valuesOf(result.bytes)).toEqual(await valuesOf(plain.bytes));
  });

  it('can be a TIFF, and is without it as a GIF, which cannot have a profile', async () => {
    const tiff = await attached(
      await sharp(await manyColors())
        .tiff()
        .toBuffer(),
      { format: 'source' },
    );
    expect((await iccOf(tiff.result.bytes))?.length).toBe(480);
    expect((await valuesOf(tiff.result.bytes)).data.equals((await valuesOf(tiff.plain.bytes)).data)).toBe(
      true,
    );
    const gif = await attached(await images.animatedGif(), { format: 'source' });
    expect(gif.result.bytes).toEqual(gif.plain.bytes);
  });

  it('is beside others, with their own profiles or without one', async () => {
    const source = await p3();
    const results = await convert(source, { icc: 'srgb' }, { icc: 'keep' }, {}, { icc: 'srgb', width: 10 });
    const profiles = results.map(({ bytes }) => iccIn(bytes, 'png'));
    expect(profiles.map((icc) => icc?.length)).toEqual([480, (await iccOf(source))?.length, undefined, 480]);
    expect(profiles[1]).toEqual(await iccOf(source));
  });

  it('is byte-identical when made again', async () => {
    const make = async () => (await attached(await p3('jpeg'), { format: 'avif' })).result.bytes;
    expect(Buffer.compare(await make(), await make())).toBe(0);
  });
});
