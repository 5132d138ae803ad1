import { ico, OPAQUE, RIGHT_TRANSPARENT, square } from '../bitmaps.ts';
import { BLUE, RED, showsHalves, showsRedAndBlue, type FormatCase } from './format-case.ts';

const CLEAR = [0, 0, 0, 0] as const;

export const ICO: readonly FormatCase[] = [
  {
    format: 'ICO',
    feature: 'PNG',
    make: async () => ico([{ side: 256, png: await square(256, '#0000ff80') }]),
    expected: { shows: showsHalves([0, 0, 255, 128], [0, 0, 255, 128], { width: 256, height: 256 }) },
  },
  {
    format: 'ICO',
    feature: 'several sizes: the largest',
    make: async () =>
      ico([
        { side: 16, png: await square(16, 'lime') },
        { side: 48, png: await square(48, 'red') },
        { side: 32, png: await square(32, 'lime') },
      ]),
    expected: { shows: showsHalves(RED, RED, { width: 48, height: 48 }) },
  },
  {
    format: 'ICO',
    feature: 'several depths: the most colors',
    make: () =>
      ico([
        { bitmap: { bits: 1, values: [0, 0], mask: OPAQUE } },
        { bitmap: { bits: 24, mask: OPAQUE } },
        { bitmap: { bits: 4, values: [0, 0], mask: OPAQUE } },
      ]),
    expected: { shows: showsRedAndBlue },
  },
  ...[1, 4, 8, 24].map((bits): FormatCase => ({
    format: 'ICO',
    feature: `${bits}-bit bitmap and mask`,
    make: () => ico([{ bitmap: { bits, mask: RIGHT_TRANSPARENT } }]),
    expected: { shows: showsHalves(RED, CLEAR) },
  })),
  {
    format: 'ICO',
    feature: 'bitmap with transparency',
    make: () => ico([{ bitmap: { bits: 32, values: [0xffff0000, 0x800000ff], mask: RIGHT_TRANSPARENT } }]),
    expected: { shows: showsHalves(RED, [0, 0, 255, 128]) },
  },
  {
    format: 'ICO',
    feature: '32-bit bitmap, whose mask alone is transparent',
    make: () => ico([{ bitmap: { bits: 32, mask: RIGHT_TRANSPARENT } }]),
    expected: { shows: showsHalves(RED, CLEAR) },
  },
  {
    format: 'CUR',
    feature: 'bitmap and mask',
    make: () => ico([{ bitmap: { bits: 8, mask: OPAQUE } }], 'cursor'),
    expected: { shows: showsHalves(RED, BLUE) },
  },
  {
    format: 'ICO',
    feature: 'cut off',
    make: () => ico([{ bitmap: { bits: 8, mask: OPAQUE } }]).subarray(0, 2000),
    expected: { refused: 'image.corrupt', because: /the file ends in its largest image/ },
  },
];
