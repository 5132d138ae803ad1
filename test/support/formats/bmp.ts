import sharp from 'sharp';
import { bmp, runs, type Bitmap } from '../bitmaps.ts';
import { BLUE, RED, redAndBlue, showsHalves, showsRedAndBlue, type FormatCase } from './format-case.ts';

const shown = (feature: string, bitmap: Bitmap): FormatCase => ({
  format: 'BMP',
  feature,
  make: () => bmp(bitmap),
  expected: { shows: showsRedAndBlue },
});

const refused = (feature: string, make: () => Buffer, because: RegExp): FormatCase => ({
  format: 'BMP',
  feature,
  make,
  expected: { refused: 'image.unsupported_format', because },
});

/** Returns the profile of Display P3 that sharp has, in which the same numbers are other colors. */
export async function displayP3(): Promise<Uint8Array> {
  const { icc } = await sharp(await redAndBlue().withIccProfile('p3').png().toBuffer()).metadata();
  if (icc === undefined) throw new Error('expected a profile');
  return icc;
}

const ARGB = [0x00ff0000, 0x0000ff00, 0x000000ff, 0xff000000];

export const BMP: readonly FormatCase[] = [
  ...[1, 2, 4, 8].map((bits) => shown(`${bits}-bit palette`, { bits })),
  shown('16 bits', { bits: 16, values: [0x7c00, 0x001f] }),
  shown('16 bits, with masks', {
    bits: 16,
    compression: 3,
    masks: [0xf800, 0x07e0, 0x001f],
    values: [0xf800, 0x001f],
  }),
  shown('24 bits', { bits: 24 }),
  shown('32 bits, whose fourth byte means nothing', { bits: 32 }),
  shown('32 bits, with masks', {
    bits: 32,
    compression: 3,
    masks: [0xff, 0xff00, 0xff0000],
    values: [0xff, 0xff0000],
  }),
  {
    format: 'BMP',
    feature: 'transparency',
    make: () => bmp({ bits: 32, header: 108, compression: 3, masks: ARGB, values: [0xffff0000, 0x000000ff] }),
    expected: { shows: showsHalves(RED, [0, 0, 0, 0]) },
  },
  shown('transparency of 0 everywhere, which means opaque', {
    bits: 32,
    header: 108,
    compression: 3,
    masks: ARGB,
  }),
  shown('first row at the top', { bits: 24, topDown: true }),
  shown('RLE, 4 bits', { bits: 4, compression: 2, runs: runs([32, 0x00, 32, 0x11]) }),
  shown('RLE, 8 bits', { bits: 8, compression: 1, runs: runs([32, 0, 32, 1]) }),
  shown('OS/2, version 1', { bits: 8, header: 12 }),
  shown('OS/2, RLE, 24 bits', {
    bits: 24,
    header: 64,
    compression: 4,
    runs: runs([32, 0, 0, 255, 32, 255, 0, 0]),
  }),
  {
    format: 'BMP',
    feature: 'ICC profile',
    make: async () =>
      bmp({ bits: 24, header: 124, values: [0x75fb4c, 0x0000ff], profile: await displayP3() }),
    // By the matrices of the two color spaces.
    expected: { shows: showsHalves([3, 255, 0], BLUE) },
  },
  refused(
    'a JPEG inside',
    () => bmp({ bits: 0, compression: 4, runs: Buffer.alloc(9) }),
    /a BMP that contains a JPEG/,
  ),
  refused(
    'a PNG inside',
    () => bmp({ bits: 0, compression: 5, runs: Buffer.alloc(9) }),
    /a BMP that contains a PNG/,
  ),
  refused('64 bits', () => bmp({ bits: 64, runs: Buffer.alloc(9) }), /a BMP with 64 bits per pixel/),
  {
    format: 'BMP',
    feature: 'cut off',
    make: () => bmp({ bits: 24 }).subarray(0, 3000),
    expected: { refused: 'image.corrupt', because: /the file ends after 15 of 32 rows/ },
  },
];
