import sharp from 'sharp';
import { describe, expect, it, vi } from 'vitest';
import { Rejected } from '../../../src/core/errors.ts';
import { DEFAULT_RECIPE } from '../../../src/core/recipe.ts';
import { jpegHeader, oriented } from '../../../src/worker/conversion/image/camera-raw/jpeg-header.ts';
import { jpegSegments } from '../../../src/worker/conversion/image/jpeg/segments.ts';
import { deadlineIn } from '../../../src/worker/conversion/image/limits.ts';
import { repairedJpeg } from '../../../src/worker/conversion/image/repair/jpeg.ts';
import { repairedIfNeeded } from '../../../src/worker/conversion/image/repair/repaired-if-needed.ts';
import { repaired } from '../../../src/worker/conversion/image/repair/repaired.ts';
import { exifBytes } from '../../support/exif.ts';

const limits = () => ({ ...DEFAULT_RECIPE.limits, deadline: deadlineIn(60) });

const START = [0xff, 0xd8];
const END = [0xff, 0xd9];
/** Returns a segment with its length. */
const segment = (marker: number, ...data: number[]) => [0xff, marker, 0, data.length + 2, ...data];
const jpegOf = (...parts: readonly number[][]) => Buffer.from([...START, ...parts.flat()]);

describe('the segments of a JPEG', () => {
  const found = (...parts: readonly number[][]) =>
    [...jpegSegments(jpegOf(...parts))].map(({ marker, at, end, dataEnd, skipped }) => [
      marker,
      at,
      end,
      dataEnd,
      ...(skipped ? ['skipped'] : []),
    ]);

  it.each([0xd8, 0xd9])('end with the marker %d', (marker) => {
    expect(found(segment(0xe0, 7), segment(0xe1), [0xff, marker], segment(0xe2))).toEqual([
      [0xe0, 2, 7, 7],
      [0xe1, 7, 11, 11],
      [marker, 11, 13, 13],
    ]);
  });

  it('end with one of an impossible length', () => {
    expect(found([0xff, 0xe0, 0, 1], segment(0xe1))).toEqual([[0xe0, 2, 5, 5]]);
    expect(found([0xff, 0xe0, 0, 9], segment(0xe1))).toEqual([[0xe0, 2, 13, 13]]);
    expect(found([0xff, 0xda, 0, 9], [1, 0xff, 0xe1])).toEqual([[0xda, 2, 13, 13]]);
    // As long as the file.
    expect(found(segment(0xe1), segment(0xe0, 1))).toEqual([
      [0xe1, 2, 6, 6],
      [0xe0, 6, 11, 11],
    ]);
    expect(found([0xff])).toEqual([]);
  });

  it('may have other bytes between them, which are no markers', () => {
    const others = [0, 0xff, 0, 0xff, 0xd0, 0xff, 0xd7, 9];
    expect(found(segment(0xe0), others, segment(0xe1), [0xff, 0xff], segment(0xe2))).toEqual([
      [0xe0, 2, 6, 6],
      [0xe1, 14, 18, 18, 'skipped'],
      [0xe2, 20, 24, 24],
    ]);
  });

  it('of a scan are followed by its data, up to a marker that is not one of a restart', () => {
    const data = [1, 0xff, 0, 2, 0xff, 0xd0, 3, 0xff, 0xd7, 4, 0xff, 0xff, 0, 5];
    expect(found(segment(0xda, 1), data, [0xff, 0xff], segment(0xe0), END)).toEqual([
      [0xda, 2, 7, 21],
      [0xe0, 23, 27, 27],
      [0xd9, 27, 29, 29],
    ]);
    expect(found(segment(0xda, 1), [1, 2, 0xff])).toEqual([[0xda, 2, 7, 10]]);
  });
});

/** A frame of 8 bits with one component, of 300 × 200 pixels. */
const frame = (marker = 0xc0) => segment(marker, 8, 0, 200, 1, 44, 1, 1, 0x11, 0);
const withExif = (orientation: number, mark = 'Exif\0\0', marker = 0xe1) => {
  const exif = exifBytes({ image: [[270, 'a']] });
  // The only field becomes the orientation: a number of 16 bits.
  const at = exif.indexOf(Buffer.of(14, 1, 2, 0));
  exif.set([0x12, 1, 3, 0, 1, 0, 0, 0, orientation, 0, 0, 0], at);
  return segment(marker, ...Buffer.from(mark, 'latin1'), ...exif);
};

describe('the header of a JPEG', () => {
  it.each([0xc0, 0xc2, 0xc3, 0xcf])('is that of its frame, whose marker is %d', (marker) => {
    const tables = [0xc4, 0xc8, 0xcc, 0xdb].map((table) => segment(table, 1, 2, 3, 4, 5, 6, 7, 8));
    expect(jpegHeader(jpegOf(...tables, frame(marker)))).toEqual({
      marker,
      width: 300,
      height: 200,
      components: 1,
      orientation: undefined,
    });
  });

  it('has the first orientation of its EXIF data', () => {
    const other = withExif(3, 'http://', 0xe1);
    const elsewhere = withExif(4, 'Exif\0\0', 0xe2);
    const header = jpegHeader(jpegOf(other, elsewhere, withExif(6), withExif(8), frame()));
    expect(header?.orientation).toBe(6);
    expect(jpegHeader(jpegOf(other, elsewhere, withExif(0), frame()))?.orientation).toBeUndefined();
  });

  it('is not that of other files, nor of a JPEG that is not sound', () => {
    const filler = (count: number) => Array.from({ length: count }, () => segment(0xe3));
    expect(jpegHeader(jpegOf(...filler(999), frame()))).toBeDefined();
    for (const file of [
      Buffer.from([0xff, 0xd7, ...frame()]),
      Buffer.alloc(0),
      Buffer.of(0xff, 0xd8, 0xff),
      jpegOf([0], frame()),
      jpegOf(segment(0x01, 1, 2, 3, 4, 5, 6, 7, 8, 9), frame()),
      jpegOf(...filler(1000), frame()),
      jpegOf(frame().slice(0, 9)),
      jpegOf(segment(0xe0)),
    ])
      expect(jpegHeader(file)).toBeUndefined();
    expect(jpegHeader(jpegOf(frame().slice(0, 10)))).toMatchObject({ width: 300, components: 1 });
  });

  it('can tell to turn the picture, in the seven ways that EXIF has', async () => {
    const jpeg = await sharp({ create: { width: 4, height: 2, channels: 3, background: 'red' } })
      .jpeg()
      .toBuffer();
    for (const orientation of [0, 1, 9]) expect(oriented(jpeg, orientation)).toBe(jpeg);
    for (const orientation of [2, 5, 8])
      expect((await sharp(oriented(jpeg, orientation)).metadata()).orientation).toBe(orientation);
  });
});

describe('a JPEG without its end is repaired', () => {
  const scan = (component: number, ...parameters: number[]) => [
    ...segment(0xda, 1, component, 0, ...parameters),
    5,
    6,
  ];
  const whole = scan(1, 0, 63, 0);
  const repair = (...parts: readonly number[][]) => {
    const found = repairedJpeg(jpegOf(...parts));
    return found && { ...found, bytes: Buffer.from(found.bytes) };
  };

  it('if its scans are complete, whatever follows them', () => {
    for (const rest of [[], segment(0xfe, 1), segment(0xe1), scan(9, 0, 63, 0)])
      expect(repair(frame(), whole, rest)).toEqual({
        bytes: jpegOf(frame(), whole, rest, END),
        endAdded: true,
      });
    expect(repair(frame(), whole, [0xff])).toEqual({ bytes: jpegOf(frame(), whole, END), endAdded: true });
  });

  it.each([
    [0, 0, 0],
    [1, 63, 0],
    [0, 62, 0],
    [0, 63, 1],
  ])('also if the parameters of its scan are wrong: %d, %d, %d', (...parameters) => {
    const bytes = jpegOf(frame(), whole, END);
    expect(repair(frame(), scan(1, ...parameters))).toEqual({ bytes, endAdded: true });
    expect(repair(frame(), scan(1, ...parameters), END)).toEqual({ bytes, endAdded: false });
  });

  it('if a progressive one has all bits of all coefficients', () => {
    const scans = [scan(1, 0, 0, 1), scan(1, 1, 63, 0x02), scan(1, 1, 63, 0x21), scan(1, 1, 63, 0x10)];
    expect(repair(frame(0xc2), ...scans, scan(1, 0, 0, 0x10))).toBeDefined();
    expect(repair(frame(0xc2), ...scans)).toBeUndefined();
    for (const last of [61, 62])
      expect(repair(frame(0xc2), scan(1, 0, 0, 0), scan(1, 1, last, 0))).toBeUndefined();
  });

  it.each<[string, number[][]]>([
    ['it has no scan', [segment(0xe0)]],
    ['it has another beginning inside', [frame(), whole, START]],
    ['a segment is longer than the file', [frame(), whole, [0xff, 0xe1, 0, 9]]],
    ['a segment is shorter than its length', [frame(), whole, [0xff, 0xe1, 0, 1]]],
    ['the header of a scan has another length', [frame(), segment(0xda, 1, 1, 0, 0, 63, 0, 0)]],
    ['it has more than a thousand scans', [frame(), ...Array.from({ length: 1002 }, () => whole)]],
  ])('unless %s', (_what, parts) => {
    expect(repair(...parts)).toBeUndefined();
  });

  it('not if no decoder reads it, or if it is no JPEG', async () => {
    const jpeg = jpegOf(frame(), whole);
    expect(repairedJpeg(jpeg)).toBeDefined();
    expect(await repaired(jpeg, 'image/jpeg', limits())).toBeUndefined();
    const sound = await sharp({ create: { width: 4, height: 2, channels: 3, background: 'red' } })
      .jpeg()
      .toBuffer();
    expect(await repaired(sound.subarray(0, -2), 'image/jpeg', limits())).toEqual(sound);
    expect(await repaired(sound.subarray(0, -2), 'image/png', limits())).toBeUndefined();
  });
});

describe('a JPEG that can be repaired', () => {
  const corrupt = new Rejected('image.corrupt', 'damaged');
  const tooLarge = new Rejected('image.too_many_pixels', 'too large');
  const make = async (...errors: readonly Error[]) => {
    const image = sharp({ create: { width: 4, height: 2, channels: 3, background: 'red' } });
    const jpeg = await image.jpeg().toBuffer();
    const left = [...errors];
    const convert = vi.fn<(bytes: Uint8Array) => Promise<Uint8Array>>(async (bytes) => {
      const error = left.shift();
      if (error !== undefined) throw error;
      return bytes;
    });
    const made = repairedIfNeeded(jpeg.subarray(0, -2), 'image/jpeg', limits(), convert);
    const result = await made.then(
      (bytes) => bytes.byteLength - jpeg.byteLength,
      (error: unknown) => error,
    );
    return [result, convert.mock.calls.length];
  };

  it('is converted a second time only if it is damaged', async () => {
    expect(await make()).toEqual([-2, 1]);
    expect(await make(corrupt)).toEqual([0, 2]);
    expect(await make(tooLarge)).toEqual([tooLarge, 1]);
    const foreign = Object.assign(new Error('damaged'), { code: 'image.corrupt' });
    expect(await make(foreign)).toEqual([foreign, 1]);
  });

  it('fails with what is wrong with the upload, unless the repaired one has another fault', async () => {
    const again = new Rejected('image.corrupt', 'damaged again');
    expect(await make(corrupt, again)).toEqual([corrupt, 2]);
    expect(await make(corrupt, tooLarge)).toEqual([tooLarge, 2]);
  });
});
