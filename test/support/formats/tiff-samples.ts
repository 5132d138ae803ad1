import { tiffFile, type TiffImage } from '../tiff-file.ts';
import {
  BLUE,
  RED,
  redAndBlue,
  showsHalves,
  showsRedAndBlue,
  type FormatCase,
  type Shows,
} from './format-case.ts';

/** TIFFs as other programs write them, and sharp does not: what their samples are, and how they are compressed. */

const WIDTH = 64;
const HEIGHT = 32;
const WHITE_IS_ZERO = 0;
const GREY = 1;
const RGB = 2;
const MASK = 4;
const CMYK = 5;
const YCBCR = 6;
const LAB = 8;
const COMPRESSION = 259;
const ORIENTATION = 274;
const PLANAR = 284;
const SOFTWARE = 305;
const EXTRA_SAMPLES = 338;
const SAMPLE_FORMAT = 339;

/** Pure cyan, and a dark mixture. */
export const cmykTiff = () => halves(8, CMYK, [255, 0, 0, 0], [51, 102, 153, 128]);

/** Returns a TIFF whose left half has one colour, and its right half another. Values in the range of the bits. */
function halves(
  bits: number,
  photometric: number,
  left: readonly number[],
  right: readonly number[],
  fields: TiffImage['fields'] = {},
): Buffer {
  const row = Array.from({ length: WIDTH }, (_, x) => (x < WIDTH / 2 ? left : right)).flat();
  const data = Buffer.concat(Array.from({ length: HEIGHT }, () => packed(row, bits)));
  return tiffFile([{ width: WIDTH, height: HEIGHT, bits, samples: left.length, photometric, data, fields }]);
}

/** Samples of a row: whole bytes with the lowest first, others with the highest bit first. */
function packed(row: readonly number[], bits: number): Buffer {
  if (bits % 8 === 0) {
    const bytes = Buffer.alloc((row.length * bits) / 8);
    for (const [index, value] of row.entries()) bytes.writeUIntLE(value, (index * bits) / 8, bits / 8);
    return bytes;
  }
  const digits = row.map((value) => value.toString(2).padStart(bits, '0')).join('');
  return Buffer.from((digits.match(/.{1,8}/g) ?? []).map((byte) => Number.parseInt(byte.padEnd(8, '0'), 2)));
}

function floats(photometric: number, left: readonly number[], right: readonly number[]): Buffer {
  const asBits = (value: number) => Buffer.from(Float32Array.of(value).buffer).readUInt32LE();
  return halves(32, photometric, left.map(asBits), right.map(asBits), { [SAMPLE_FORMAT]: left.map(() => 3) });
}

const refused = (because: RegExp) => ({ refused: 'image.unsupported_format' as const, because });

const twoGreys: Shows = { shows: showsHalves([64, 64, 64], [192, 192, 192]) };

/** [feature, file, what becomes of it] */
const CASES: readonly (readonly [string, () => Buffer, FormatCase['expected']])[] = [
  ['grey, 2 bits', () => halves(2, GREY, [1], [2]), { shows: showsHalves([85, 85, 85], [170, 170, 170]) }],
  ['grey, 4 bits', () => halves(4, GREY, [4], [12]), { shows: showsHalves([68, 68, 68], [204, 204, 204]) }],
  ['grey, 10 bits', () => halves(10, GREY, [256], [768]), { ...twoGreys, loss: '8 bits per channel' }],
  [
    'grey, 12 bits, where 0 is white',
    () => halves(12, WHITE_IS_ZERO, [3072], [1024]),
    { ...twoGreys, loss: '8 bits per channel' },
  ],
  ['grey, 16 bits', () => halves(16, GREY, [0x4000], [0xc000]), { ...twoGreys, loss: '8 bits per channel' }],
  ['grey, 24 bits', () => halves(24, GREY, [1 << 22], [3 << 22]), refused(/samples of 24 bits/)],
  ['grey, 32 bits', () => halves(32, GREY, [2 ** 30], [3 * 2 ** 30]), refused(/samples of 32 bits/)],
  ['RGB, 4 bits', () => halves(4, RGB, [15, 0, 0], [0, 0, 15]), { shows: showsRedAndBlue }],
  [
    'RGB, 12 bits',
    () => halves(12, RGB, [4095, 0, 0], [0, 0, 4095]),
    { shows: showsRedAndBlue, loss: '8 bits per channel' },
  ],
  [
    'RGB, 14 bits',
    () => halves(14, RGB, [16_383, 0, 0], [0, 0, 16_383]),
    { shows: showsRedAndBlue, loss: '8 bits per channel' },
  ],
  [
    'RGB, 12 bits, with alpha',
    () => halves(12, RGB, [4095, 0, 0, 4095], [0, 0, 4095, 2048], { [EXTRA_SAMPLES]: [2] }),
    { shows: showsHalves(RED, [0, 0, 255, 128]), loss: '8 bits per channel' },
  ],
  [
    'RGB, 12 bits, in a plane for each color',
    () => halves(12, RGB, [4095, 0, 0], [0, 0, 4095], { [PLANAR]: [2] }),
    refused(/samples of 12 bits/),
  ],
  [
    'RGB, 32 bits',
    () => halves(32, RGB, [2 ** 32 - 1, 0, 0], [0, 0, 2 ** 32 - 1]),
    refused(/samples of 32 bits/),
  ],
  [
    'RGB, 5, 6 and 5 bits',
    () => halves(8, RGB, [255, 0, 0], [0, 0, 255], { 258: [5, 6, 5] }),
    refused(/samples of 5, 6, 5 bits/),
  ],
  [
    'floating-point RGB, linear',
    () => floats(RGB, [1, 0, 0], [0.216, 0.216, 0.216]),
    { shows: showsHalves(RED, [128, 128, 128]), loss: 'what is brighter than white; 8 bits per channel' },
  ],
  [
    'floating-point grey: the file does not define white',
    () => floats(GREY, [0.25], [0.75]),
    refused(/32-bit floating-point samples/),
  ],
  [
    'half-float grey: the file does not define white',
    () => halves(16, GREY, [0x3400], [0x3a00], { [SAMPLE_FORMAT]: [3] }),
    refused(/16-bit floating-point samples/),
  ],
  [
    'signed samples',
    () => halves(16, GREY, [0xc000], [0x4000], { [SAMPLE_FORMAT]: [2] }),
    refused(/signed samples/),
  ],
  ['complex samples', () => halves(32, GREY, [0], [1], { [SAMPLE_FORMAT]: [5] }), refused(/complex samples/)],
  [
    'an extra channel that is alpha',
    () => halves(8, RGB, [255, 0, 0, 255], [0, 0, 255, 128], { [EXTRA_SAMPLES]: [2] }),
    { shows: showsHalves(RED, [0, 0, 255, 128]) },
  ],
  [
    'an extra channel that is premultiplied alpha',
    () => halves(8, RGB, [255, 0, 0, 255], [0, 0, 128, 128], { [EXTRA_SAMPLES]: [1] }),
    { shows: showsHalves(RED, [0, 0, 255, 128]) },
  ],
  [
    'an unspecified extra channel',
    () => halves(8, RGB, [255, 0, 0, 0], [0, 0, 255, 0], { [EXTRA_SAMPLES]: [0] }),
    { shows: showsRedAndBlue, loss: 'the channel' },
  ],
  [
    'alpha, and an unspecified channel',
    () => halves(8, RGB, [255, 0, 0, 255, 9], [0, 0, 255, 128, 9], { [EXTRA_SAMPLES]: [2, 0] }),
    { shows: showsHalves(RED, [0, 0, 255, 128]), loss: 'the channel' },
  ],
  [
    'two unspecified channels',
    () => halves(8, RGB, [255, 0, 0, 0, 0], [0, 0, 255, 0, 0], { [EXTRA_SAMPLES]: [0, 0] }),
    { shows: showsRedAndBlue, loss: 'the channels' },
  ],
  [
    'grey, with an unspecified channel',
    () => halves(8, GREY, [64, 0], [192, 0], { [EXTRA_SAMPLES]: [0] }),
    { ...twoGreys, loss: 'the channel' },
  ],
  [
    'CMYK without a profile, as ideal inks, as browsers show it in JPEG',
    cmykTiff,
    { shows: showsHalves([0, 255, 255], [102, 76, 51]) },
  ],
  [
    'CMYK without a profile, 16 bits',
    () => halves(16, CMYK, [65_535, 0, 0, 0], [13_107, 26_214, 39_321, 32_896]),
    { shows: showsHalves([0, 255, 255], [102, 76, 51]), loss: '8 bits per channel' },
  ],
  [
    'CMYK without a profile, with alpha',
    () => halves(8, CMYK, [255, 0, 0, 0, 255], [51, 102, 153, 128, 128], { [EXTRA_SAMPLES]: [2] }),
    { shows: showsHalves([0, 255, 255], [102, 76, 51, 128]) },
  ],
  [
    'CMYK, with an unspecified channel',
    () => halves(8, CMYK, [0, 0, 0, 0, 0], [0, 0, 0, 0, 0], { [EXTRA_SAMPLES]: [0] }),
    { shows: showsHalves([255, 255, 255], [255, 255, 255]), loss: 'the channel' },
  ],
  [
    'six channels',
    () => halves(8, RGB, [9, 9, 9, 9, 9, 9], [9, 9, 9, 9, 9, 9]),
    refused(/6 samples per pixel/),
  ],
  ['two inks', () => halves(8, CMYK, [9, 9], [9, 9]), refused(/2 inks/)],
  ['a mask', () => halves(1, MASK, [1], [0]), refused(/a transparency mask/)],
  [
    'YCbCr without JPEG',
    () => halves(8, YCBCR, [76, 85, 255], [29, 255, 107]),
    refused(/YCbCr colors without JPEG/),
  ],
  [
    'L\\*a\\*b\\*, 8 bits',
    // L* 53.3, a* 80, b* 67 is red; L* 53.7 is grey.
    () => halves(8, LAB, [136, 80, 67], [137, 0, 0]),
    { shows: showsHalves(RED, [128, 128, 128]) },
  ],
  [
    'L\\*a\\*b\\*, 8 bits, green and orange',
    // L* 50.2, a* −60, b* 30, and L* 66.7, a* 40, b* 70: by the definition of L*a*b* with D65.
    () => halves(8, LAB, [128, 196, 30], [170, 40, 70]),
    { shows: showsHalves([0, 141, 65], [250, 130, 21]) },
  ],
  [
    'L\\*a\\*b\\*, 16 bits',
    // L* 53.2, a* 80.1, b* 67.2 is red; L* 53.6 is grey.
    () => halves(16, LAB, [35_586, 20_813, 17_869], [35_126, 0, 0]),
    { shows: showsHalves(RED, [128, 128, 128]) },
  ],
  ...(
    [
      [34_661, 'JBIG'],
      [34_712, 'JPEG 2000'],
      [34_925, 'LZMA'],
      [50_000, 'Zstandard'],
    ] as const
  ).map(
    ([compression, name]) =>
      [
        `compression: ${name}`,
        () => halves(8, RGB, [255, 0, 0], [0, 0, 255], { [COMPRESSION]: [compression] }),
        refused(new RegExp(`TIFF with ${name} compression`)),
      ] as const,
  ),
  [
    'a field of the wrong type',
    () => halves(8, RGB, [255, 0, 0], [0, 0, 255], { [SOFTWARE]: [1, 1, 1] }),
    { shows: showsRedAndBlue },
  ],
];

/** Returns a TIFF with a JPEG in it, which begins where `JPEGInterchangeFormat` says. */
async function oldStyleJpeg(
  end: (jpeg: Buffer) => number,
  fields: TiffImage['fields'] = {},
): Promise<Buffer> {
  const jpeg = await redAndBlue(WIDTH, HEIGHT).jpeg({ quality: 100, chromaSubsampling: '4:4:4' }).toBuffer();
  const size = { width: WIDTH, height: HEIGHT };
  const samples = { bits: 8, samples: 3, photometric: YCBCR, data: Buffer.alloc(0) };
  return tiffFile([
    { ...size, ...samples, jpeg: jpeg.subarray(0, end(jpeg)), fields: { [COMPRESSION]: [6], ...fields } },
  ]);
}

const wholeJpeg = (jpeg: Buffer) => jpeg.byteLength;
const tablesOfJpeg = (jpeg: Buffer) => jpeg.indexOf(Buffer.of(0xff, 0xda));

const OLD_STYLE_JPEG: readonly (readonly [string, FormatCase['make'], FormatCase['expected']])[] = [
  [
    'compression: old-style JPEG, one complete JPEG file',
    () => oldStyleJpeg(wholeJpeg),
    { shows: showsRedAndBlue },
  ],
  [
    'compression: old-style JPEG, rotated by its orientation',
    () => oldStyleJpeg(wholeJpeg, { [ORIENTATION]: [3] }),
    { shows: showsHalves(BLUE, RED) },
  ],
  [
    'compression: old-style JPEG, tables and scans stored separately',
    () => oldStyleJpeg(tablesOfJpeg),
    refused(/TIFF with old-style JPEG compression/),
  ],
];

export const TIFF_SAMPLES: readonly FormatCase[] = [...CASES, ...OLD_STYLE_JPEG].map(
  ([feature, make, expected]) => ({ format: 'TIFF', feature, make, expected }),
);
