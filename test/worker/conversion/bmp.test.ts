import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { DEFAULT_RECIPE, parseRecipe } from '../../../src/core/recipe.ts';
import { decodeBmp } from '../../../src/worker/conversion/image/bmp/decode.ts';
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
function rowOf(bitmap: Bitmap, y: number): [color: number[], pixels: number][] {
  const { pixels } = decodeBmp(bmp(bitmap), limits);
  const row: [number[], number][] = [];
  for (let x = 0; x < pixels.width; x += 1) {
    const at = (y * pixels.width + x) * pixels.channels;
    const color = [...pixels.data.subarray(at, at + 3)];
    const last = row.at(-1);
    if (last?.[0].every((value, index) => value === color[index])) last[1] += 1;
    else row.push([color, 1]);
  }
  return row;
}

const rle8 = (...bytes: number[]): Bitmap => ({ bits: 8, compression: 1, runs: Buffer.from(bytes) });
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

describe('a damaged bitmap is refused', () => {
  const file = bmp({ bits: 24 });
  const changed = (change: (bytes: Buffer) => void) => {
    const bytes = Buffer.from(file);
    change(bytes);
    return bytes;
  };

  it.each<[string, Buffer, RegExp]>([
    ['that has no header', file.subarray(0, 10), /ends in its header/],
    ['whose header is cut off', file.subarray(0, 40), /ends in its header/],
    ['whose masks are cut off', bmp({ bits: 32, compression: 3 }).subarray(0, 58), /ends in its header/],
    ['with a header of no version', changed((bytes) => bytes.writeUInt32LE(66, 14)), /header of 66 bytes/],
    ['without height', changed((bytes) => bytes.writeInt32LE(0, 22)), /64 × 0 pixels/],
    ['with a negative width', changed((bytes) => bytes.writeInt32LE(-64, 18)), /-64 × 32 pixels/],
    ['with 23 bits', changed((bytes) => bytes.writeUInt16LE(23, 28)), /23 bits per pixel/],
    ['with runs of 24 bits', changed((bytes) => bytes.writeUInt32LE(1, 30)), /compression 1 of 24 bits/],
    [
      'with a mask with a hole',
      bmp({ bits: 16, compression: 3, masks: [0xf0f0, 8, 4], values: [0, 8] }),
      /0xf0f0/,
    ],
    ['whose runs are cut off', bmp(rle8(64, 0, 0, 0, 64)), /ends in row 2 of 32/],
    ['that skips beyond its edge', bmp(rle8(0, 2, 65, 0, 0, 1)), /skips beyond its edge/],
  ])('%s', (_what, bytes, message) => {
    const decode = () => decodeBmp(bytes, limits);
    expect(decode).toThrow(expect.objectContaining({ code: 'image.corrupt' }));
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
  ])('an icon %s', async (_what, bytes, because) => {
    const recipe = parseRecipe('{"renditions":[{"name":"a"}]}');
    await expect(convertImage(bytes, recipe, 'stamp')).rejects.toMatchObject({
      code: 'image.corrupt',
      message: expect.stringMatching(because),
    });
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
