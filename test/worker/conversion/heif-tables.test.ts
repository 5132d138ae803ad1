import { describe, expect, it } from 'vitest';
import { heifTables } from '../../../src/worker/conversion/image/color/heif-tables.ts';
import { sequenceHeaderIn } from '../../../src/worker/conversion/image/color/av1-sequence-header.ts';
import { obusIn } from '../../../src/worker/conversion/image/color/av1-obus.ts';
import { box, fullBox, u16, u32 } from '../../support/avif.ts';

const bytes = (...values: number[]) => Buffer.from(values);
const infe = (id: number) => box('infe', bytes(2, 0, 0, 0), u16(id, 0), Buffer.from('av01\0'));
const place = (id: number) => [u16(id, 0, 1), u32(0, 1)];

/** The tables of two items, which are exact. */
const TABLES = {
  pitm: fullBox('pitm', u16(1)),
  iloc: fullBox('iloc', bytes(0x44, 0), u16(2), ...place(1), ...place(2)),
  iinf: fullBox('iinf', u16(2), infe(1), infe(2)),
  iprp: box(
    'iprp',
    box('ipco', box('ispe', u32(0))),
    fullBox('ipma', u32(2), u16(1), bytes(1, 1), u16(2), bytes(0)),
  ),
  iref: fullBox('iref', box('auxl', u16(2, 1, 1))),
};

function areExact(changed: Partial<typeof TABLES> = {}): boolean {
  return heifTables(Buffer.concat([u32(0), ...Object.values({ ...TABLES, ...changed })])).areExact;
}

const withAssociations = (...entries: Buffer[]) => ({
  iprp: box('iprp', box('ipco', box('ispe', u32(0))), fullBox('ipma', ...entries)),
});

describe('the tables of a HEIF file', () => {
  it('are exact if all readers read the same entries in them', () => {
    expect(areExact()).toBe(true);
    expect(areExact({ iref: fullBox('iref') })).toBe(true);
  });

  it.each<[why: string, changed: Partial<typeof TABLES>]>([
    ['the primary item has more bytes', { pitm: fullBox('pitm', u16(1, 0)) }],
    ['the primary item is of an unknown version', { pitm: box('pitm', bytes(2, 0, 0, 0), u32(1)) }],
    ['places are fewer than declared', { iloc: fullBox('iloc', bytes(0x44, 0), u16(2), ...place(1)) }],
    [
      'places are followed by bytes',
      { iloc: fullBox('iloc', bytes(0x44, 0), u16(1), ...place(1), bytes(0)) },
    ],
    [
      'offsets have one byte',
      { iloc: fullBox('iloc', bytes(0x14, 0), u16(1), u16(1, 0, 1), bytes(0), u32(1)) },
    ],
    [
      'places have an index of twelve bytes',
      {
        iloc: box('iloc', bytes(1, 0, 0, 0, 0x44, 0x0c), u16(1, 1, 0, 0, 1), Buffer.alloc(12), u32(0, 1)),
      },
    ],
    ['items are more than declared', { iinf: fullBox('iinf', u16(1), infe(1), infe(2)) }],
    ['items are fewer than declared', { iinf: fullBox('iinf', u16(3), infe(1), infe(2)) }],
    ['items are followed by bytes', { iinf: fullBox('iinf', u16(2), infe(1), infe(2), bytes(0)) }],
    ['an item is of an old version', { iinf: fullBox('iinf', u16(1), fullBox('infe', u16(1, 0))) }],
    [
      'an item has properties in two entries',
      withAssociations(u32(2), u16(1), bytes(0), u16(1), bytes(1, 1)),
    ],
    ['properties are fewer than declared', withAssociations(u32(2), u16(1), bytes(0))],
    ['properties are followed by bytes', withAssociations(u32(1), u16(1), bytes(0), bytes(0))],
    ['a reference is cut off', { iref: fullBox('iref', box('auxl', u16(2, 2, 1))) }],
    ['a reference has more bytes', { iref: fullBox('iref', box('auxl', u16(2, 1, 1, 1))) }],
    ['references are followed by bytes', { iref: fullBox('iref', box('auxl', u16(2, 1, 1)), bytes(0)) }],
  ])('are not exact if %s', (_why, changed) => {
    expect(areExact(changed)).toBe(false);
  });
});

it('a bitstream of millions of empty units is not read to its end', () => {
  const empty = Buffer.alloc(2_000_000, bytes(0x12, 0));
  expect([...obusIn(empty)].length).toBe(1000);
  expect(sequenceHeaderIn(empty)).toBeUndefined();
});
