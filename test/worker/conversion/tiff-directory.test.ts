import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { channelsToKeep, keepChannels } from '../../../src/worker/conversion/image/tiff/channels.ts';
import {
  beginningAt,
  bytesOf,
  directories,
  directoryAt,
  firstDirectory,
  pageOffsets,
  TAG,
} from '../../../src/worker/conversion/image/tiff/directory.ts';
import { withDirectory } from '../../../src/worker/conversion/image/tiff/first-directory.ts';
import { oldStyleJpeg } from '../../../src/worker/conversion/image/tiff/old-style-jpeg.ts';
import { canBecome16Bits, with16Bits } from '../../../src/worker/conversion/image/tiff/sixteen-bits.ts';
import { unsupportedPart } from '../../../src/worker/conversion/image/tiff/support.ts';

interface Form {
  little: boolean;
  big: boolean;
}

const FORMS: readonly [string, Form][] = [
  ['TIFF, little-endian', { little: true, big: false }],
  ['TIFF, big-endian', { little: false, big: false }],
  ['BigTIFF, little-endian', { little: true, big: true }],
  ['BigTIFF, big-endian', { little: false, big: true }],
];

/** Bytes per number, by type: https://www.awaresystems.be/imaging/tiff/bigtiff.html */
const BYTES: Readonly<Record<number, number>> = {
  1: 1,
  2: 1,
  3: 2,
  4: 4,
  5: 4,
  7: 1,
  13: 4,
  16: 8,
  18: 8,
  129: 1,
};
const RATIONAL = 5;

type Entry = readonly [tag: number, type: number, values: readonly number[]];

/** Returns a TIFF with these directories, one after another, and where they are. The values are at its end. */
function tiffOf(pages: readonly (readonly Entry[])[], { little, big }: Form = { little: true, big: false }) {
  const [countBytes, offsetBytes] = big ? [8, 8] : [2, 4];
  const number = (value: number, bytes: number) => {
    const buffer = Buffer.alloc(bytes);
    if (bytes === 8) buffer.writeBigUInt64BE(BigInt(value));
    else buffer.writeUIntBE(value, 0, bytes);
    return little ? Buffer.from(buffer.toReversed()) : buffer;
  };
  const head = [Buffer.from(little ? 'II' : 'MM'), number(big ? 43 : 42, 2)];
  if (big) head.push(number(8, 2), number(0, 2));
  let at = big ? 16 : 8;
  const offsets = pages.map((entries) => {
    const begin = at;
    at += countBytes + entries.length * (4 + 2 * offsetBytes) + offsetBytes;
    return begin;
  });
  const apart: Buffer[] = [];
  const place = (bytes: Buffer) => {
    if (bytes.length <= offsetBytes) return Buffer.concat([bytes, Buffer.alloc(offsetBytes - bytes.length)]);
    const begin = at;
    apart.push(bytes);
    at += bytes.length;
    return number(begin, offsetBytes);
  };
  const parts = pages.map((entries, index) => [
    number(entries.length, countBytes),
    ...entries.flatMap(([tag, type, values]) => [
      number(tag, 2),
      number(type, 2),
      number(type === RATIONAL ? values.length / 2 : values.length, offsetBytes),
      place(Buffer.concat(values.map((value) => number(value, BYTES[type] ?? 1)))),
    ]),
    number(offsets[index + 1] ?? 0, offsetBytes),
  ]);
  const tiff = Buffer.concat([...head, number(offsets[0] ?? 0, offsetBytes), ...parts.flat(), ...apart]);
  return { tiff, offsets };
}

const numbers = (entries: readonly Entry[]) => new Map(entries.map(([tag, , values]) => [tag, values]));

describe.each(FORMS)('a directory of a %s', (_name, form) => {
  const fields: readonly Entry[] = [
    [TAG.width, 4, [70_000]],
    [TAG.height, 3, [300]],
    [TAG.bits, 3, [8, 9, 1000, 11, 12]],
    [TAG.compression, 1, [7]],
    [TAG.photometric, 1, [1, 2, 3, 4, 5, 6, 7, 8, 9]],
    [TAG.stripOffsets, 16, [2 ** 40 + 5]],
    [TAG.stripBytes, 18, [2 ** 33, 3]],
    [TAG.subDirectories, 13, [0x01020304, 0x05060708, 9]],
    [TAG.jpegTables, 5, [1, 3, 70_000, 2]],
    [315, 2, [65, 66, 0]],
    [33_432, 129, [0xc3, 0xab, 67, 68, 69, 70, 71, 72, 0]],
  ];
  const all = new Set(fields.map(([tag]) => tag));
  const { tiff, offsets } = tiffOf([[[TAG.width, 3, [1]]], fields], form);
  const [, second = 0] = offsets;

  it('has numbers of every type, in the field or apart', () => {
    expect(directoryAt(tiff, second, all)).toEqual(numbers(fields));
    expect(firstDirectory(tiff)).toEqual(new Map([[TAG.width, [1]]]));
  });

  it('can become the first', () => {
    const before = Buffer.from(tiff);
    expect(firstDirectory(beginningAt(tiff, second), all)).toEqual(numbers(fields));
    expect(tiff.equals(before)).toBe(true);
    expect(pageOffsets(tiff)).toEqual(offsets);
  });

  it('has bytes of fields, of whatever type', () => {
    const [icc, long] = [[1, 2, 3], Array.from({ length: 20 }, (_, index) => index)];
    // As many as the field holds.
    const full = Array.from({ length: form.big ? 8 : 4 }, (_, index) => index + 5);
    const { tiff: file } = tiffOf(
      [
        [
          [700, 7, icc],
          [701, 1, icc.slice(1)],
          [702, 1, full],
          [703, 5, [1, 2]],
          [33_723, 4, [5, 6, 7]],
          [34_675, 7, long],
        ],
      ],
      form,
    );
    expect(bytesOf(file, 702)).toEqual(Buffer.from(full));
    expect(bytesOf(file, 703)).toHaveLength(8);
    expect([...(bytesOf(file, 700) ?? [])]).toEqual(icc);
    expect([...(bytesOf(file, 701) ?? [])]).toEqual([2, 3]);
    expect(bytesOf(file, 33_723)).toHaveLength(12);
    // The last bytes of the file.
    expect([...(bytesOf(file, 34_675) ?? [])]).toEqual(long);
    expect(bytesOf(file.subarray(0, -1), 34_675)).toBeUndefined();
    expect(bytesOf(file, 9)).toBeUndefined();
  });

  it('can be replaced by one with some of its fields and with other numbers, in their order', () => {
    const changed = withDirectory(
      beginningAt(tiff, second),
      new Set([TAG.bits, TAG.width]),
      new Map([
        [TAG.height, 5],
        [TAG.width, 0x01020304],
      ]),
    );
    expect(firstDirectory(changed)).toEqual(
      new Map([
        [TAG.width, [0x01020304]],
        [TAG.height, [5]],
        [TAG.bits, [8, 9, 1000, 11, 12]],
      ]),
    );
    expect([...firstDirectory(changed).keys()]).toEqual([TAG.width, TAG.height, TAG.bits]);
    expect(changed.subarray(0, 4)).toEqual(tiff.subarray(0, 4));
  });

  it('has the fields that are in the file, and the first of two with one tag', () => {
    const twice: Entry[] = [
      [TAG.width, 3, [1]],
      [TAG.width, 3, [2]],
      [TAG.height, 3, [3]],
    ];
    const { tiff: file } = tiffOf([twice], form);
    expect(firstDirectory(file)).toEqual(
      new Map([
        [TAG.width, [1]],
        [TAG.height, [3]],
      ]),
    );
    const end = file.length - (form.big ? 8 : 4);
    expect(firstDirectory(file.subarray(0, end)).size).toBe(2);
    expect(firstDirectory(file.subarray(0, end - 1)).size).toBe(1);
    expect(bytesOf(file.subarray(0, end), TAG.height)).toBeDefined();
    expect(bytesOf(file.subarray(0, end - 1), TAG.height)).toBeUndefined();
    expect(firstDirectory(withDirectory(file, new Set([TAG.width]), new Map()))).toEqual(
      new Map([[TAG.width, [1]]]),
    );
    expect(
      firstDirectory(withDirectory(file.subarray(0, end - 1), new Set([TAG.height]), new Map())).size,
    ).toBe(0);
  });
});

describe('the directories of a TIFF', () => {
  const width = (value: number): Entry[] => [[TAG.width, 3, [value]]];

  it.each([
    ['too short', Buffer.from('II*\0\x08\0\0\0\0\0\0\0\0\0\0')],
    [
      'another file',
      Buffer.concat([Buffer.from('PK*\0\x08\0\0\0\x01\0\0\x01\x03\0\x01\0\0\0\x05\0\0\0'), Buffer.alloc(9)]),
    ],
  ])('are none in a file that is %s', (_what, file) => {
    expect([firstDirectory(file).size, directoryAt(file, 8, new Set([TAG.width])).size]).toEqual([0, 0]);
    expect([directories(file), pageOffsets(file), bytesOf(file, 0)]).toEqual([[], [], undefined]);
    expect(beginningAt(file, 9)).toEqual(Uint8Array.from(file));
  });

  it('are pages up to the first without fields, and no more than 100,000', () => {
    const { tiff, offsets } = tiffOf([width(1), width(2), [], width(4)]);
    expect(pageOffsets(tiff)).toEqual(offsets.slice(0, 2));
    const { tiff: many } = tiffOf(Array.from({ length: 100_001 }, () => width(1)));
    expect(pageOffsets(many)).toHaveLength(100_000);
    // At 0 is the header, whose first number is not 0.
    const { tiff: none } = tiffOf([]);
    expect(pageOffsets(Buffer.concat([none, Buffer.alloc(16)]))).toEqual([]);
  });

  it('are also those inside others, each once, and 32 at most', () => {
    const [outer = 0, inner = 0] = tiffOf([width(1), width(2)]).offsets;
    const inside = tiffOf([[...width(1), [TAG.subDirectories, 4, [outer]]], width(2)]);
    const widths = directories(inside.tiff).map((directory) => directory.get(TAG.width)?.[0]);
    expect([widths, inner > outer]).toEqual([[1, 2], true]);
    const many = tiffOf(Array.from({ length: 40 }, (_, index) => width(index)));
    expect(directories(many.tiff)).toHaveLength(32);
  });

  it('have no numbers of types that are not known, and no more than the file', () => {
    const { tiff } = tiffOf([
      [
        [TAG.width, 7, [1, 2, 3, 4, 5, 6]],
        [TAG.bits, 3, [1, 2, 3, 4]],
      ],
    ]);
    expect(firstDirectory(tiff)).toEqual(
      new Map([
        [TAG.width, []],
        [TAG.bits, [1, 2, 3, 4]],
      ]),
    );
    expect(firstDirectory(tiff.subarray(0, -3)).get(TAG.bits)).toEqual([1, 2]);
    const { tiff: long } = tiffOf([[[TAG.bits, 3, Array.from({ length: 5000 }, () => 8)]]]);
    expect(firstDirectory(long).get(TAG.bits)).toHaveLength(4096);
  });
});

/** Fields of a directory; those that are missing have their default. */
const directory = (fields: Partial<Record<keyof typeof TAG, readonly number[]>>) =>
  new Map(Object.entries(fields).map(([name, values]) => [TAG[name as keyof typeof TAG], values]));

describe('the channels of a TIFF to keep are', () => {
  it.each([
    ['all of RGB', { samples: [3], photometric: [2] }, undefined],
    ['all if the fourth is alpha', { samples: [4], extraSamples: [1] }, undefined],
    ['all if the file does not say what the fourth is', { samples: [4] }, undefined],
    ['all of grey with alpha', { samples: [2], photometric: [1], extraSamples: [2] }, undefined],
    ['the colors if the fourth is not alpha', { samples: [4], extraSamples: [0] }, [0, 1, 2]],
    ['the colors if the file does not say what two others are', { samples: [5] }, [0, 1, 2]],
    ['the colors and alpha before another', { samples: [5], extraSamples: [2, 0] }, [0, 1, 2, 3]],
    ['the colors and alpha after another', { samples: [5], extraSamples: [0, 1] }, [0, 1, 2, 4]],
    ['the colors if alpha is beyond the channels', { samples: [4], extraSamples: [0, 1] }, [0, 1, 2]],
    ['the colors of CMYK with another', { samples: [5], photometric: [5], extraSamples: [0] }, [0, 1, 2]],
  ])('%s', (_what, fields, expected) => {
    expect(channelsToKeep(directory(fields))).toEqual(expected);
  });

  it('kept in each pixel', () => {
    const pixels = () => Uint8Array.of(1, 2, 3, 4, 5, 11, 12, 13, 14, 15);
    expect(keepChannels(pixels(), 5, [0, 1, 2, 4])).toEqual({
      data: Uint8Array.of(1, 2, 3, 5, 11, 12, 13, 15),
      channels: 4,
    });
    // libvips left out the last channel.
    expect(keepChannels(pixels(), 5, [0, 1, 2, 5])).toEqual({
      data: Uint8Array.of(1, 2, 3, 11, 12, 13),
      channels: 3,
    });
  });
});

describe('samples of a TIFF', () => {
  it.each([
    ['RGB of 8 bits', { samples: [3], bits: [8, 8, 8] }, undefined],
    ['RGB of 8 bits, and one number too many', { samples: [3], bits: [8, 8, 8, 16] }, undefined],
    ['RGB of 4 bits', { samples: [3], bits: [4, 4, 4] }, 'samples of 4 bits'],
    ['RGB of different bits', { samples: [3], bits: [5, 6, 5] }, 'samples of 5, 6, 5 bits'],
    ['one of 2 bits', { samples: [1], photometric: [1], bits: [2] }, undefined],
    ['one of RGB, which decoders take for grey', { samples: [1], photometric: [2], bits: [8] }, undefined],
    ['floating-point RGB', { samples: [3], bits: [32], sampleFormat: [3] }, undefined],
    [
      'short floating-point RGB',
      { samples: [3], bits: [16], sampleFormat: [3] },
      '16-bit floating-point samples',
    ],
    [
      'floating-point grey',
      { samples: [1], photometric: [1], bits: [32], sampleFormat: [3] },
      '32-bit floating-point samples',
    ],
    ['signed', { bits: [8], sampleFormat: [2] }, 'signed samples'],
    ['undefined', { bits: [8], sampleFormat: [4] }, undefined],
    ['complex', { bits: [8], sampleFormat: [6] }, 'complex samples'],
    ['three inks', { samples: [3], photometric: [5], bits: [8] }, '3 inks'],
    ['four inks', { samples: [4], photometric: [5], bits: [8] }, undefined],
    ['L*a*b* of 16 bits', { samples: [3], photometric: [8], bits: [16] }, undefined],
    ['L*a*b* of 12 bits', { samples: [3], photometric: [8], bits: [12] }, 'L*a*b* colors of 12 bits'],
    ['as many as sharp accepts', { samples: [5], bits: [8] }, undefined],
    ['more than sharp accepts', { samples: [6], bits: [8] }, '6 samples per pixel'],
    [
      'YCbCr without JPEG',
      { samples: [3], photometric: [6], bits: [8] },
      'YCbCr colors without JPEG compression',
    ],
    ['YCbCr in JPEG', { samples: [3], photometric: [6], bits: [8], compression: [7] }, undefined],
    ['an unknown compression', { compression: [99] }, 'an unknown kind (99) of compression'],
  ])('are readable unless named: %s', (_what, fields, part) => {
    expect(unsupportedPart(directory(fields))).toBe(part);
  });

  const twelve = { samples: [3], bits: [12, 12, 12], width: [10], photometric: [2] };
  it.each([
    ['12 bits', twelve, true],
    ['12 bits, and one number too many', { ...twelve, bits: [12, 12, 12, 8] }, true],
    ['12 bits in inks', { ...twelve, samples: [4], photometric: [5] }, true],
    ['12 bits in as many channels as sharp accepts', { ...twelve, samples: [5], bits: [12] }, true],
    ['12 bits in more', { ...twelve, samples: [6], bits: [12] }, false],
    ['12 bits of a palette', { ...twelve, samples: [1], photometric: [3] }, false],
    ['12 signed bits', { ...twelve, sampleFormat: [2] }, false],
    ['12 bits, as differences', { ...twelve, predictor: [2] }, false],
    ['12 bits in planes', { ...twelve, planar: [2] }, false],
    ['12 bits in JPEG', { ...twelve, compression: [7] }, false],
    ['different bits', { ...twelve, bits: [12, 10, 12] }, false],
    ['12 bits in tiles of whole rows', { ...twelve, tileWidth: [128] }, true],
    ['12 bits in narrow tiles', { ...twelve, tileWidth: [16], samples: [1] }, false],
    ['12 bits in rows of more than 4 GB', { ...twelve, width: [0xff_ff_ff_ff] }, false],
    ['24 bits', { ...twelve, bits: [24] }, false],
    ['4 bits of grey, which libvips reads', { samples: [1], bits: [4], photometric: [1] }, false],
    ['4 bits of RGB', { ...twelve, bits: [4] }, true],
    ['L*a*b* of 8 bits', { ...twelve, bits: [8], photometric: [8] }, true],
    ['L*a*b* of 16 bits, which libvips reads', { ...twelve, bits: [16], photometric: [8] }, false],
    ['L*a*b* with alpha', { ...twelve, samples: [4], bits: [8], photometric: [8] }, false],
  ])('become 16 bits each where libvips does not read them: %s', (_what, fields, expected) => {
    expect(canBecome16Bits(directory(fields))).toBe(expected);
  });

  it('of L*a*b* keep their meaning in 16 bits, where white is the greatest number, and -1 is -256', async () => {
    const fields: Entry[] = [
      [TAG.width, 3, [2]],
      [TAG.height, 3, [1]],
      [TAG.bits, 3, [8, 8, 8]],
      [TAG.photometric, 3, [8]],
      [TAG.samples, 3, [3]],
      [TAG.predictor, 3, [2]],
    ];
    const { tiff } = tiffOf([fields]);
    const given: unknown[] = [];
    const result = await with16Bits(tiff, firstDirectory(tiff), { pixels: 10 }, (packed, space) => {
      // Decoders undo differences of three channels only if they see three.
      given.push(space, firstDirectory(packed).get(TAG.photometric), firstDirectory(packed).get(TAG.samples));
      return Promise.resolve(Uint8Array.of(255, 1, 255, 100, 128, 127));
    });
    expect(given).toEqual(['srgb', [2], [3]]);
    const [at = 0] = firstDirectory(result).get(TAG.stripOffsets) ?? [];
    const samples = Array.from({ length: 6 }, (_, index) => Buffer.from(result).readUInt16LE(at + index * 2));
    expect(samples).toEqual([65_535, 256, 0xff00, 25_700, 0x8000, 0x7f00]);
  });
});

describe('a JPEG in a TIFF', () => {
  const jpegOf = async (orientation?: number) => {
    const image = sharp({ create: { width: 16, height: 8, channels: 3, background: 'red' } });
    return (orientation === undefined ? image : image.withMetadata({ orientation })).jpeg().toBuffer();
  };
  const old = { compression: [6], photometric: [6], jpegOffset: [4], width: [16], height: [8] };
  const found = (jpeg: Buffer, fields: Parameters<typeof directory>[0]) => {
    const bytes = Buffer.concat([Buffer.alloc(4), jpeg, Buffer.alloc(4)]);
    return oldStyleJpeg(bytes, directory({ jpegBytes: [jpeg.length], ...fields }));
  };

  it('in the old style is the picture, turned as the TIFF says unless it says so itself', async () => {
    const [plain, turned] = [await jpegOf(), await jpegOf(3)];
    expect(found(plain, old)).toEqual(plain);
    expect(found(turned, { ...old, orientation: [6] })).toEqual(turned);
    const result = found(plain, { ...old, orientation: [6] });
    expect((await sharp(result).metadata()).orientation).toBe(6);
  });

  it('is another picture if its size or compression is not that of the TIFF', async () => {
    const jpeg = await jpegOf();
    for (const fields of [
      { compression: [1] },
      { photometric: [2] },
      { width: [15] },
      { height: [9] },
      { jpegBytes: [0] },
    ])
      expect(found(jpeg, { ...old, ...fields })).toBeUndefined();
    // The tables alone.
    expect(found(jpeg.subarray(0, jpeg.indexOf(Buffer.of(0xff, 0xda))), old)).toBeUndefined();
  });
});
