import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { DEFAULT_RECIPE, parseRecipe } from '../../../src/core/recipe.ts';
import { decodeBmp } from '../../../src/worker/conversion/image/bmp/decode.ts';
import { largestImage } from '../../../src/worker/conversion/image/bmp/ico.ts';
import { bmp, ico, OPAQUE, square, type Bitmap } from '../../support/bitmaps.ts';
import { displayP3 } from '../../support/formats/bmp.ts';
import { convertImage } from '../../support/convert-image.ts';

const { limits } = DEFAULT_RECIPE;
const [RED, BLUE, BLACK] = [
  [255, 0, 0],
  [0, 0, 255],
  [0, 0, 0],
];

/** Returns the colors of a row from the left, each with the number of pixels that have it. */
function rowOf(bitmap: Bitmap | Buffer, y: number): [color: number[], pixels: number][] {
  const { pixels } = decodeBmp(Buffer.isBuffer(bitmap) ? bitmap : bmp(bitmap), limits);
  const row: [number[], number][] = [];
  for (let x = 0; x < pixels.width; x += 1) {
    const at = (y * pixels.width + x) * pixels.channels;
    const color = [...pixels.data.subarray(at, at + pixels.channels)];
    const last = row.at(-1);
    if (last?.[0].every((value, index) => value === color[index])) last[1] += 1;
    else row.push([color, 1]);
  }
  return row;
}

const rle8 = (...bytes: number[]): Bitmap => ({ bits: 8, compression: 1, runs: Buffer.from(bytes) });
const rle24 = (...bytes: number[]): Bitmap => ({
  bits: 24,
  header: 64,
  compression: 4,
  runs: Buffer.from(bytes),
});
const rle4 = (...bytes: number[]): Bitmap => ({ bits: 4, compression: 2, runs: Buffer.from(bytes) });

describe('the rows of a bitmap', () => {
  // A run of a whole row, and the end.
  const oneRow = [64, 0, 0, 1];

  it('begin at the bottom, unless the height is negative', () => {
    expect(rowOf(rle8(...oneRow), 31)).toEqual([[RED, 64]]);
    expect(rowOf(rle8(...oneRow), 0)).toEqual([[BLACK, 64]]);
    const plain: Bitmap = { bits: 8, runs: Buffer.from([...Array(64).fill(0), ...Array(64 * 31).fill(1)]) };
    expect([rowOf(plain, 31), rowOf(plain, 0)]).toEqual([[[RED, 64]], [[BLUE, 64]]]);
    const topDown = { ...plain, topDown: true };
    expect([rowOf(topDown, 31), rowOf(topDown, 0)]).toEqual([[[BLUE, 64]], [[RED, 64]]]);
  });

  it('are black where the palette has no color', () => {
    expect(rowOf({ bits: 8, values: [1, 2] }, 0)).toEqual([
      [BLUE, 32],
      [BLACK, 32],
    ]);
  });

  it('are runs or single pixels, and what a skip leaves out is black', () => {
    // Three pixels and a byte to an even number, three of them skipped with a row, two again.
    const row = rle8(0, 3, 0, 1, 0, 0, 0, 2, 3, 0, 2, 1, 0, 1);
    expect(rowOf(row, 31)).toEqual([
      [RED, 1],
      [BLUE, 1],
      [RED, 1],
      [BLACK, 3],
      [BLUE, 2],
      [BLACK, 56],
    ]);
    // Five pixels in three bytes, and one more; a run that alternates.
    expect(rowOf(rle4(0, 5, 0x01, 0x01, 0x10, 0, 4, 0x01, 0, 1), 31)).toEqual([
      [RED, 1],
      [BLUE, 1],
      [RED, 1],
      [BLUE, 2],
      [RED, 1],
      [BLUE, 1],
      [RED, 1],
      [BLUE, 1],
      [BLACK, 55],
    ]);
  });

  it('may alternate between single pixels and runs of 24 bits', () => {
    // Three pixels and a byte to an even number, a run of two, an empty row, and a row without its end.
    const single = [1, 2, 3, 4, 5, 6, 7, 8, 9];
    const file = rle24(0, 3, ...single, 0, 2, 10, 20, 30, 0, 0, 0, 0, 64, 3, 2, 1, 0, 1);
    expect([31, 30, 29].map((y) => rowOf(file, y))).toEqual([
      [
        [[3, 2, 1], 1],
        [[6, 5, 4], 1],
        [[9, 8, 7], 1],
        [[30, 20, 10], 2],
        [BLACK, 59],
      ],
      [[BLACK, 64]],
      [[[1, 2, 3], 64]],
    ]);
  });

  it('are skipped by the number that the file says, up to the edge', () => {
    // Two rows up, and two pixels to the right of the first.
    const skip = rle8(1, 1, 0, 2, 1, 2, 1, 1, 0, 1);
    expect([31, 30, 29].map((y) => rowOf(skip, y))).toEqual([
      [
        [BLUE, 1],
        [BLACK, 63],
      ],
      [[BLACK, 64]],
      [
        [BLACK, 2],
        [BLUE, 1],
        [BLACK, 61],
      ],
    ]);
    expect(rowOf(rle8(0, 2, 64, 0, 0, 0, 64, 1, 0, 1), 30)).toEqual([[BLUE, 64]]);
    expect(rowOf(rle8(64, 1, 0, 2, 0, 32), 31)).toEqual([[BLUE, 64]]);
  });

  it('of four bits need no byte to an even number after four pixels', () => {
    expect(rowOf(rle4(0, 4, 0x01, 0x10, 60, 0x11, 0, 1), 31)).toEqual([
      [RED, 1],
      [BLUE, 2],
      [RED, 1],
      [BLUE, 60],
    ]);
  });

  it('end at the edge where runs go beyond', () => {
    const row = rle8(255, 1, 0, 0, 2, 0, 0, 1);
    expect([rowOf(row, 31), rowOf(row, 30)]).toEqual([
      [[BLUE, 64]],
      [
        [RED, 2],
        [BLACK, 62],
      ],
    ]);
    // Single pixels, of which two would be in the row that the file has before.
    const pixels = rle8(64, 1, 0, 0, 0, 66, ...Array<number>(66).fill(0), 0, 1);
    expect([rowOf(pixels, 31), rowOf(pixels, 30)]).toEqual([[[BLUE, 64]], [[RED, 64]]]);
  });

  it('need no end mark after the last', () => {
    const rows = Array.from({ length: 32 }, () => [64, 1, 0, 0]).flat();
    expect(rowOf(rle8(...rows), 0)).toEqual([[BLUE, 64]]);
    expect(rowOf(rle8(...rows.slice(0, -2)), 0)).toEqual([[BLUE, 64]]);
  });
});

/** Returns a BMP file with some bytes changed. */
function changed(change: (bytes: Buffer) => void, bitmap: Bitmap = { bits: 24 }): Buffer {
  const bytes = bmp(bitmap);
  change(bytes);
  return bytes;
}

describe('the colors of a bitmap', () => {
  const GREEN = [0, 255, 0];
  const ARGB = [0xff0000, 0xff00, 0xff, 0xff000000];
  const firstAndLast = (file: Buffer) => {
    const row = rowOf(file, 0);
    return [row.at(0)?.[0], row.at(-1)?.[0]];
  };

  it.each([
    [1, [0b0100_0000], [1, 1, 62]],
    [2, [0b0001_0000], [1, 1, 62]],
    [4, [0x01, 0x00], [1, 1, 62]],
  ])('of %d bits are in the order of their bits', (bits, bytes, [red, blue, rest]) => {
    const row = Buffer.alloc(8 * bits);
    row.set(bytes);
    const file = bmp({ bits, runs: Buffer.alloc(32 * row.length, row) });
    expect(rowOf(file, 0)).toEqual([
      [RED, red],
      [BLUE, blue],
      [RED, rest],
    ]);
  });

  it('come from the palette alone, not from the bytes after it', () => {
    const green = Buffer.of(0, 255, 0, 0);
    // The second color is green, and so are four bytes between the palette and the pixels.
    const file = changed((bytes) => bytes.set(green, 14 + 40 + 4), { bits: 8, values: [1, 2] });
    const at = file.readUInt32LE(10);
    const withGap = Buffer.concat([file.subarray(0, at), green, file.subarray(at)]);
    withGap.writeUInt32LE(at + 4, 10);
    expect(rowOf(withGap, 0)).toEqual([
      [GREEN, 32],
      [BLACK, 32],
    ]);
    const runs = changed((bytes) => bytes.set(green, 14 + 40 + 4), rle8(64, 1, 0, 1));
    expect(rowOf(runs, 31)).toEqual([[GREEN, 64]]);
  });

  it('of 24 bits are black where the file says black, and in every row the same', () => {
    const file = bmp({ bits: 24, values: [0, 0x0000ff] });
    for (const y of [0, 1, 31])
      expect(rowOf(file, y)).toEqual([
        [BLACK, 32],
        [BLUE, 32],
      ]);
    expect(rowOf(bmp({ bits: 24, values: [0, 0] }), 0)).toEqual([[BLACK, 64]]);
  });

  it('of 8 bits are the same in every row', () => {
    const file = bmp({ bits: 8, values: [1, 0] });
    for (const y of [0, 1, 31])
      expect(rowOf(file, y)).toEqual([
        [BLUE, 32],
        [RED, 32],
      ]);
  });

  it('of 24 bits do not need the palette, of whatever length the file says that it is', () => {
    const file = changed((bytes) => bytes.writeUInt32LE(0xff_ff_ff_ff, 46));
    expect(firstAndLast(file)).toEqual([RED, BLUE]);
  });

  it.each<[string, Bitmap]>([
    ['with masks of alpha after its header', { bits: 32, compression: 6, masks: ARGB }],
    ['with masks in a header of the third version', { bits: 32, header: 56, compression: 3, masks: ARGB }],
    ['with the usual masks of the fourth version', { bits: 32, header: 108 }],
    ['with the usual masks of the fifth version', { bits: 32, header: 124 }],
  ])('have an alpha %s', (_what, bitmap) => {
    const file = bmp({ ...bitmap, values: [0x80ff0000, 0x400000ff] });
    expect(firstAndLast(file)).toEqual([
      [255, 0, 0, 128],
      [0, 0, 255, 64],
    ]);
    // Without an offset of the pixels, they follow the header and the masks.
    file.writeUInt32LE(0, 10);
    expect(firstAndLast(file)).toEqual([
      [255, 0, 0, 128],
      [0, 0, 255, 64],
    ]);
  });

  it('of 16 bits have an alpha of one bit', () => {
    const bitmap = { bits: 16, compression: 6, masks: [0x7c00, 0x03e0, 0x001f, 0x8000] };
    expect(firstAndLast(bmp({ ...bitmap, values: [0xfc00, 0x001f] }))).toEqual([
      [255, 0, 0, 255],
      [0, 0, 255, 0],
    ]);
  });

  it.each<[string, Bitmap]>([
    ['a fourth byte without a mask', { bits: 32, values: [0x80ff0000, 0x400000ff] }],
    [
      'masks of three channels in a header of the second version',
      { bits: 32, header: 52, compression: 3, masks: ARGB.slice(0, 3), values: [0x80ff0000, 0x400000ff] },
    ],
  ])('are opaque with %s', (_what, bitmap) => {
    const file = bmp(bitmap);
    expect(firstAndLast(file)).toEqual([RED, BLUE]);
    file.writeUInt32LE(0, 10);
    expect(firstAndLast(file)).toEqual([RED, BLUE]);
  });

  it('lack a channel that has no bits', () => {
    const masks = [0xff0000, 0xff00, 0];
    const file = bmp({ bits: 32, compression: 3, masks, values: [0xff00ff, 0x00ffff] });
    expect(firstAndLast(file)).toEqual([RED, GREEN]);
  });

  it('are in the embedded profile of the fifth version, but not in a file that it names', () => {
    const profile = Buffer.from('a profile');
    const bitmap: Bitmap = { bits: 24, header: 124, profile };
    expect(decodeBmp(bmp(bitmap), limits).profile).toEqual(profile);
    const linked = changed((bytes) => bytes.write('KNIL', 14 + 56, 'latin1'), bitmap);
    expect(decodeBmp(linked, limits).profile).toBeUndefined();
  });

  it.each([16, 20])('are read after a header of OS/2 that ends after %d bytes', (size) => {
    // The compression is the last of 20 bytes. Pixels follow.
    const file = Buffer.concat([bmp(rle8(64, 1)).subarray(0, 14 + size), Buffer.of(...RED, 0, ...BLUE, 0)]);
    file.writeUInt32LE(size, 14);
    file.writeUInt32LE(0, 10);
    if (size === 20) {
      // After 256 colors, runs.
      const palette = Buffer.alloc(256 * 4, Buffer.of(0, 255, 0, 0));
      const whole = Buffer.concat([file.subarray(0, 34), palette, Buffer.of(64, 1, 0, 1)]);
      expect(rowOf(whole, 31)).toEqual([[GREEN, 64]]);
      return;
    }
    file.writeUInt16LE(24, 28);
    const pixels = Buffer.alloc(64 * 32 * 3, Buffer.of(0, 255, 0));
    expect(rowOf(Buffer.concat([file.subarray(0, 30), pixels]), 31)).toEqual([[GREEN, 64]]);
  });
});

describe('a damaged bitmap is refused', () => {
  const file = bmp({ bits: 24 });
  const huffman: Bitmap = { bits: 1, header: 64, compression: 3 };

  it.each<[string, Buffer, RegExp]>([
    ['that has no header', file.subarray(0, 10), /ends in its header/],
    ['whose bitmap has no header', file.subarray(0, 16), /ends in its header/],
    ['whose header is cut off after its size', file.subarray(0, 18), /ends in its header/],
    ['whose header is cut off', file.subarray(0, 40), /ends in its header/],
    ['that has no pixels', file.subarray(0, 54), /ends after 0 of 32 rows/],
    ['with a header of less than OS/2 has', changed((bytes) => bytes.writeUInt32LE(13, 14)), /header of 13/],
    ['without width', changed((bytes) => bytes.writeInt32LE(0, 18)), /0 × 32 pixels/],
    ['whose masks are cut off', bmp({ bits: 32, compression: 3 }).subarray(0, 58), /ends in its header/],
    ['with a header of no version', changed((bytes) => bytes.writeUInt32LE(66, 14)), /header of 66 bytes/],
    ['without height', changed((bytes) => bytes.writeInt32LE(0, 22)), /64 × 0 pixels/],
    ['with a negative width', changed((bytes) => bytes.writeInt32LE(-64, 18)), /-64 × 32 pixels/],
    ['with 23 bits', changed((bytes) => bytes.writeUInt16LE(23, 28)), /23 bits per pixel/],
    ...[
      [24, 1],
      [8, 2],
      [8, 3],
      [4, 7],
      [8, 7],
      [32, 7],
    ].map(([bits = 0, compression = 0]): [string, Buffer, RegExp] => [
      `with ${bits} bits in compression ${compression}`,
      bmp({ bits, compression }),
      new RegExp(`compression ${compression} of ${bits} bits`),
    ]),
    [
      'with 8 bits in the compression of OS/2 for 24',
      bmp({ bits: 8, header: 64, compression: 4 }),
      /compression 4 of 8 bits/,
    ],
    [
      'with a mask with a hole',
      bmp({ bits: 16, compression: 3, masks: [0xf0f0, 8, 4], values: [0, 8] }),
      /0xf0f0/,
    ],
    ['whose runs are cut off', bmp(rle8(64, 0, 0, 0, 64)), /ends in row 2 of 32/],
    ['that skips beyond its edge', bmp(rle8(0, 2, 65, 0, 0, 1)), /skips beyond its edge/],
    ['that skips beyond its last row', bmp(rle8(0, 2, 0, 33, 0, 1)), /skips beyond its edge/],
  ])('%s', (_what, bytes, message) => {
    const decode = () => decodeBmp(bytes, limits);
    expect(decode).toThrow(expect.objectContaining({ code: 'image.corrupt' }));
    expect(decode).toThrow(message);
  });

  it.each<[string, Bitmap, RegExp]>([
    ['Huffman compression', huffman, /a BMP with Huffman compression/],
    ['a PNG in a header of OS/2', { bits: 24, header: 64, compression: 5 }, /a BMP that contains a PNG/],
  ])('as not supported, with %s', (_what, bitmap, message) => {
    const decode = () => decodeBmp(bmp(bitmap), limits);
    expect(decode).toThrow(expect.objectContaining({ code: 'image.unsupported_format' }));
    expect(decode).toThrow(message);
  });

  it('before its pixels are allocated, if it has more of them than the recipe allows', () => {
    const bomb = changed((bytes) => {
      bytes.writeInt32LE(60_000, 18);
      bytes.writeInt32LE(60_000, 22);
    });
    expect(() => decodeBmp(bomb, limits)).toThrow(
      '3,600,000,000 pixels (60000 × 60000); the recipe allows 100,000,000',
    );
  });

  it.each<[string, Buffer, RegExp]>([
    ['of no image', ico([]), /no images/],
    ['with a mask that is cut off', ico([{ bitmap: { bits: 8, mask: OPAQUE.subarray(1) } }]), /in the mask/],
    ['with a list that is cut off', Buffer.from([0, 0, 1, 0, 2, 0, 0, 0]), /list of its images/],
    ['without its list', Buffer.from([0, 0, 1, 0, 1, 0]), /list of its images/],
    ['with a number of images that is cut off', Buffer.from([0, 0, 1, 0, 0]), /list of its images/],
    ['with runs', ico([{ bitmap: { ...rle8(64, 0, 0, 1), mask: OPAQUE } }]), /no compressed bitmaps/],
  ])('an icon %s', async (_what, bytes, because) => {
    const recipe = parseRecipe('{"renditions":[{"name":"a"}]}');
    await expect(convertImage(bytes, recipe, 'stamp')).rejects.toMatchObject({
      code: 'image.corrupt',
      message: expect.stringMatching(because),
    });
  });
});

describe('the image of an icon', () => {
  const sizeOf = async (file: Buffer) => {
    const image = largestImage(file, limits);
    if (!('pixels' in image)) return (await sharp(image).metadata()).width;
    return image.pixels.width;
  };

  it('is the largest, where 0 stands for 256', async () => {
    const png = async (side: number) => ({ side, png: await square(side, 'red') });
    expect(await sizeOf(ico([await png(48), await png(256)]))).toBe(256);
    // Of 64 × 32 pixels.
    expect(await sizeOf(ico([{ bitmap: { bits: 24, mask: OPAQUE } }, await png(63)]))).toBe(63);
    const tall = ico([await png(40), { bitmap: { bits: 24, mask: OPAQUE } }]);
    expect(await sizeOf(tall)).toBe(64);
  });

  it('is the first of a cursor, wherever it points', async () => {
    const both = [{ bitmap: { bits: 8, mask: OPAQUE } }, { bitmap: { bits: 24, mask: OPAQUE } }];
    const file = ico(both, 'cursor');
    // The second is damaged.
    file.fill(0, file.readUInt32LE(6 + 16 + 12));
    expect(await sizeOf(file)).toBe(64);
  });

  it('needs no mask if it has 32 bits', () => {
    const image = largestImage(ico([{ bitmap: { bits: 32 } }]), limits);
    expect('pixels' in image && [...image.pixels.data.subarray(0, 4)]).toEqual([255, 0, 0, 255]);
  });

  it('is transparent in exactly the pixels of its mask', () => {
    const mask = Buffer.from(OPAQUE);
    // The last pixel of the file's fifth row, and the first of its seventh.
    mask[4 * 8 + 7] = 1;
    mask[6 * 8] = 0x80;
    const image = largestImage(ico([{ bitmap: { bits: 24, mask } }]), limits);
    if (!('pixels' in image)) throw new Error('expected a bitmap');
    const { data } = image.pixels;
    const transparent = Array.from({ length: 64 * 32 }, (_, pixel) => pixel).filter(
      (pixel) => data[pixel * 4 + 3] === 0,
    );
    expect(transparent).toEqual([(31 - 6) * 64, (31 - 4) * 64 + 63]);
  });
});

it.each<[string, () => Buffer | Promise<Buffer>]>([
  ['a BMP', () => bmp({ bits: 24 })],
  ['a BMP with a profile', async () => bmp({ bits: 24, header: 124, profile: await displayP3() })],
  ['an icon with a bitmap', () => ico([{ bitmap: { bits: 24, mask: OPAQUE } }])],
  ['an icon with a PNG', async () => ico([{ side: 64, png: await square(64, 'red') }])],
])('%s becomes a PNG if the recipe keeps the format of the source', async (_what, make) => {
  const recipe = parseRecipe('{"renditions":[{"name":"a","format":"source"}]}');
  const [result] = await convertImage(await make(), recipe, 'stamp');
  expect(result?.contentType).toBe('image/png');
  expect((await sharp(result?.bytes).metadata()).width).toBe(64);
});
