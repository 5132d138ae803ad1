import { seededRandom } from '@millrace/local-aws/models';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { parseRecipe } from '../../../src/core/recipe.ts';
import { fromCodes } from '../../../src/worker/conversion/image/color/code-points.ts';
import { rgbProfile } from '../../../src/worker/conversion/image/color/icc-profile.ts';
import { uncompressedTiff } from '../../../src/worker/conversion/image/uncompressed-tiff.ts';
import { convertImage } from '../../support/convert-image.ts';
import { tiffFile, type TiffImage } from '../../support/tiff-file.ts';
import { packedTiff, type PackedTiff } from '../../support/packed-tiff.ts';

const WIDTH = 149;
const HEIGHT = 21;
const PNG = '{"renditions":[{"name":"a","format":"png"}]}';

const VARIANTS: readonly [string, Pick<PackedTiff, 'bigEndian' | 'deflate' | 'parts'>][] = [
  ['in one strip', { parts: { rows: HEIGHT } }],
  ['in strips, compressed', { parts: { rows: 8 }, deflate: true }],
  ['in tiles', { parts: { side: 128 } }],
  ['in tiles, compressed, big-endian', { parts: { side: 128 }, deflate: true, bigEndian: true }],
  ['in strips, big-endian', { parts: { rows: 5 }, bigEndian: true }],
];

async function converted(tiff: Buffer, recipe = PNG) {
  const [result] = await convertImage(tiff, parseRecipe(recipe), 'stamp');
  const { data, info } = await sharp(result?.bytes).raw().toBuffer({ resolveWithObject: true });
  return { data, info };
}

describe.each(VARIANTS)('a TIFF %s', (_name, variant) => {
  it.each([
    [10, 1],
    [12, 1],
    [14, 1],
    [15, 1],
    [3, 1],
    [10, 3],
    [12, 3],
    [14, 3],
    [4, 3],
  ] as const)('of %i bits in %i channels shows the same share of white', async (bits, samples) => {
    const random = seededRandom(bits * samples);
    const most = 2 ** bits - 1;
    const values = Array.from({ length: WIDTH * HEIGHT * samples }, () => Math.floor(random() * (most + 1)));
    const tiff = packedTiff({ width: WIDTH, height: HEIGHT, bits, samples, values, ...variant });
    const { data, info } = await converted(tiff);
    expect(info).toMatchObject({ width: WIDTH, height: HEIGHT });
    const wrong = values.filter((value, index) => {
      const at = samples === 3 ? index : index * info.channels;
      return Math.abs((data[at] ?? -9) - (value / most) * 255) > 1;
    });
    expect(wrong).toEqual([]);
  });
});

it('a TIFF of 12 bits with too many samples is refused before it takes memory for them', async () => {
  const tiff = packedTiff({
    width: 1,
    height: 1,
    bits: 12,
    samples: 6,
    values: Array.from({ length: 6 }, () => 0),
    parts: { rows: 1 },
    deflate: true,
  });
  // The first strip cannot be decompressed.
  tiff.fill(0xff, 8, 12);
  await expect(converted(tiff)).rejects.toMatchObject({
    code: 'image.unsupported_format',
    message: expect.stringContaining('6 samples per pixel'),
  });
});

it('the ICC profile of a TIFF of 12 bits counts', async () => {
  const space = fromCodes(12, 13);
  if (space === undefined) throw new Error('expected Display P3');
  // Almost the green of sRGB.
  const values = Array.from({ length: 16 * 16 }, () => [0x75, 0xfb, 0x4c].map((value) => value * 16)).flat();
  const size = { width: 16, height: 16 };
  const tiff = packedTiff({
    ...size,
    bits: 12,
    samples: 3,
    values,
    parts: { rows: 16 },
    profile: rgbProfile(space),
  });
  const { data } = await converted(tiff);
  for (const [channel, value] of [3, 255, 0].entries())
    expect(Math.abs((data[channel] ?? -9) - value)).toBeLessThan(8);
});

/** Returns a TIFF of 12 bits in grey with a few pixels, which claims to be a square with this side. */
function claiming(side: number): Buffer {
  const tiff = packedTiff({ width: 8, height: 8, bits: 12, samples: 1, values: [], parts: { rows: 8 } });
  for (const tag of [256, 257]) tiff.writeUInt32LE(side, tiff.indexOf(Buffer.of(tag & 0xff, 1, 4, 0)) + 8);
  return tiff;
}

it('samples are written to their place in a TIFF, so that they are in memory once', () => {
  let place: Buffer | undefined;
  const image = { width: 100, height: 100, channels: 3, bits: 16 } as const;
  const tiff = uncompressedTiff(image, (samples) => void (place = samples));
  expect(place?.byteLength).toBe(60_000);
  expect(place?.buffer).toBe(tiff.buffer);
});

it.each([
  ['more pixels than the recipe allows', 20_000, 'image.too_many_pixels'],
  ['more pixels than it has', 64, 'image.corrupt'],
])('a TIFF of 12 bits that claims %s is refused', async (_what, side, code) => {
  const tiff = claiming(side);
  await expect(converted(tiff)).rejects.toMatchObject({ code });
});

it('pages of 12 bits, and in old-style JPEG, are converted as any other', async () => {
  const size = { width: 16, height: 16 };
  const white = { ...size, bits: 8, samples: 1, photometric: 1, data: Buffer.alloc(256, 255) };
  const jpeg = await sharp({ create: { ...size, channels: 3, background: '#808080' } })
    .jpeg()
    .toBuffer();
  const packed = { ...size, bits: 12, samples: 1, photometric: 1, data: Buffer.alloc(384, 0x44) };
  const data = Buffer.alloc(0);
  const old = { ...size, bits: 8, samples: 3, photometric: 6, data, jpeg, fields: { 259: [6] } };
  const greyOf = async (second: TiffImage, page: number) => {
    const recipe = `{"renditions":[{"name":"a","format":"png","page":${page}}]}`;
    return (await converted(tiffFile([white, second]), recipe)).data[0];
  };
  expect([await greyOf(packed, 1), await greyOf(packed, 2), await greyOf(old, 2)]).toEqual([255, 0x44, 0x80]);
});

it('a 12-bit TIFF is refused if its rows have more bytes than a TIFF field can hold', async () => {
  const tiff = packedTiff({ width: 8, height: 8, bits: 12, samples: 1, values: [], parts: { rows: 8 } });
  for (const [tag, value] of [
    [256, 0xff_ff_ff_ff],
    [257, 0],
  ] as const)
    tiff.writeUInt32LE(value, tiff.indexOf(Buffer.of(tag & 0xff, 1, 4, 0)) + 8);
  await expect(converted(tiff)).rejects.toMatchObject({ code: 'image.unsupported_format' });
});
