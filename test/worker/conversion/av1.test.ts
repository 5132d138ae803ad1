import { describe, expect, it } from 'vitest';
import { obusIn } from '../../../src/worker/conversion/image/color/av1-obus.ts';
import { sequenceHeaderIn } from '../../../src/worker/conversion/image/color/av1-sequence-header.ts';
import { av1Header, type Av1Header } from '../../support/av1-header.ts';
import { cases, fc } from '../../support/fuzz.ts';

const DELIMITER = Buffer.of(0x12, 0);

/** Returns a unit with its size in one byte. */
function obu(type: number, data: Uint8Array): Buffer {
  return Buffer.concat([Buffer.of((type << 3) | 2, data.length), data]);
}

const code = fc.integer({ min: 0, max: 255 });
const codes = fc.tuple(code, code, code);
const timing = fc.record(
  { ticks: fc.record({ zeros: fc.nat(40) }), delayBits: fc.integer({ min: 1, max: 32 }) },
  { requiredKeys: [] },
);
const point = fc.record({ level: fc.nat(31), hasDecoderModel: fc.boolean(), hasDelay: fc.boolean() });

const headers: fc.Arbitrary<Av1Header> = fc
  .record({
    profile: fc.constantFrom(0, 1, 2),
    width: fc.integer({ min: 1, max: 65_536 }),
    height: fc.integer({ min: 1, max: 1024 }),
    isDeep: fc.boolean(),
    monochrome: fc.boolean(),
    codes: fc.option(fc.oneof(codes, fc.constant<[number, number, number]>([1, 13, 0])), { nil: undefined }),
    fullRange: fc.boolean(),
    isReduced: fc.boolean(),
    timing: fc.option(timing, { nil: undefined }),
    points: fc.array(point, { minLength: 1, maxLength: 4 }),
    hasDelays: fc.boolean(),
    hasFrameIds: fc.boolean(),
    hasOrderHint: fc.boolean(),
    screenContent: fc.constantFrom('chosen', 'on', 'off'),
    choosesIntegers: fc.boolean(),
    fill: fc.constantFrom(0, 1),
  })
  // Profile 1 has three planes, and RGB always has the full range.
  .map((header) => ({ ...header, monochrome: header.monochrome && header.profile !== 1 }))
  .map((header) => ({
    ...header,
    fullRange: header.fullRange || (!header.monochrome && header.codes?.join() === '1,13,0'),
  }));

it('a sequence header of AV1 is read whatever fields it has', () => {
  fc.assert(
    fc.property(headers, (header) => {
      const { profile, width, height, isDeep, monochrome, codes: of, fullRange } = header;
      const bitstream = Buffer.concat([DELIMITER, obu(1, av1Header(header))]);
      const expected = { profile, width, height, isDeep, monochrome, codes: of, fullRange };
      expect(sequenceHeaderIn(bitstream)).toEqual(expected);
    }),
    { numRuns: cases(2000) },
  );
});

it('a sequence header whose timing is cut off is read to its end', () => {
  // Of the main profile, with timing of equal intervals; then only zeros.
  expect(sequenceHeaderIn(obu(1, Buffer.of(0x04, ...Array<number>(7).fill(0), 0x02)))).toBeDefined();
});

describe('the units of an AV1 bitstream', () => {
  const units = (...bytes: (number | Uint8Array)[]) =>
    [...obusIn(Buffer.concat(bytes.map((each) => (typeof each === 'number' ? Buffer.of(each) : each))))].map(
      ({ header, end, data }) => ({ header, end, data: [...data] }),
    );

  it('follow one another', () => {
    expect(units(0x12, 0, 0x0a, 2, 7, 8, 0x32, 1, 9)).toEqual([
      { header: 0x12, end: 2, data: [] },
      { header: 0x0a, end: 6, data: [7, 8] },
      { header: 0x32, end: 9, data: [9] },
    ]);
    expect(units()).toEqual([]);
  });

  it('may have an extension of their header', () => {
    expect(units(0x0e, 0x20, 1, 7, 0x32, 0)).toEqual([
      { header: 0x0e, end: 4, data: [7] },
      { header: 0x32, end: 6, data: [] },
    ]);
  });

  it('reach to the end of the bitstream without a size', () => {
    expect(units(0x12, 0, 0x08, 7, 8)).toEqual([
      { header: 0x12, end: 2, data: [] },
      { header: 0x08, end: 5, data: [7, 8] },
    ]);
    // The extension of the header is missing.
    expect(units(0x0c)).toEqual([{ header: 0x0c, end: 2, data: [] }]);
  });

  it('have sizes of several bytes, of which the last has no first bit', () => {
    const data = Buffer.alloc(300, 5);
    expect(units(0x0a, 0xac, 0x02, data, 0x12, 0).map(({ end }) => end)).toEqual([303, 305]);
    // 128, and 2 in three bytes.
    expect(units(0x0a, 0x80, 0x01, data.subarray(0, 128), 0x12, 0)).toHaveLength(2);
    expect(units(0x0a, 0x82, 0x80, 0, 1, 2)).toEqual([{ header: 0x0a, end: 6, data: [1, 2] }]);
  });

  it('have sizes of eight bytes at most', () => {
    const size = Buffer.of(0x81, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80);
    expect(units(0x0a, size, 7, 0x12, 0)).toEqual([
      { header: 0x0a, end: 10, data: [7] },
      { header: 0x12, end: 12, data: [] },
    ]);
  });

  it('may end beyond a bitstream that is cut off', () => {
    expect(units(0x0a, 5, 7, 8)).toEqual([{ header: 0x0a, end: 7, data: [7, 8] }]);
  });
});

it('a bitstream of millions of empty units is not read to its end', () => {
  const empty = Buffer.alloc(2_000_000, DELIMITER);
  expect([...obusIn(empty)].length).toBe(1000);
  expect(sequenceHeaderIn(empty)).toBeUndefined();
});
