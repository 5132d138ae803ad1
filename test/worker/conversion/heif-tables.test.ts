import { describe, expect, it } from 'vitest';
import { heifTables } from '../../../src/worker/conversion/image/color/heif-tables.ts';
import { heifItems } from '../../../src/worker/conversion/image/color/heif-items.ts';
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
    [
      'the list of items is of an unknown version',
      { iinf: box('iinf', bytes(2, 0, 0, 0), u32(2), infe(1), infe(2)) },
    ],
    [
      'an item is in another box',
      { iinf: fullBox('iinf', u16(2), infe(1), box('free', infe(2).subarray(8))) },
    ],
    [
      'properties are of an unknown version',
      {
        iprp: box(
          'iprp',
          box('ipco', box('ispe', u32(0))),
          box('ipma', bytes(2, 0, 0, 0), u32(2, 1), bytes(1, 1), u32(2), bytes(0)),
        ),
      },
    ],
    ['references are of an unknown version', { iref: box('iref', bytes(2, 0, 0, 0)) }],
    [
      'places are of an unknown version',
      { iloc: box('iloc', bytes(3, 0, 0, 0, 0x44, 0), u32(1, 1), u16(0, 0, 1), u32(0, 1)) },
    ],
    ['a reference is cut off', { iref: fullBox('iref', box('auxl', u16(2, 2, 1))) }],
    ['a reference has more bytes', { iref: fullBox('iref', box('auxl', u16(2, 1, 1, 1))) }],
    ['references are followed by bytes', { iref: fullBox('iref', box('auxl', u16(2, 1, 1)), bytes(0)) }],
  ])('are not exact if %s', (_why, changed) => {
    expect(areExact(changed)).toBe(false);
  });
});

describe('the tables of a HEIF file are read', () => {
  const version = (of: number, flags = 0) => bytes(of, 0, 0, flags);

  it('in their first versions', () => {
    const tables = heifTables(
      Buffer.concat([
        u32(0),
        fullBox('pitm', u16(0x102)),
        fullBox(
          'iinf',
          u16(2),
          box('infe', version(2), u16(0x102, 0), Buffer.from('av01\0')),
          box('infe', version(1), u16(3, 0)),
        ),
        fullBox('iref', box('auxl', u16(0x103, 2, 0x102, 4)), box('dimg', u16(1, 1, 2))),
        box(
          'iprp',
          box('free', box('ispe')),
          box('ipco', box('ispe', u32(7)), box('pixi')),
          fullBox('ipma', u32(1), u16(0x102), bytes(2, 0x81, 2)),
        ),
        // Numbers of four bytes, and a base of eight; two parts of the second item.
        fullBox(
          'iloc',
          bytes(0x44, 0x80),
          u16(2),
          u16(1, 0),
          u32(0, 16),
          u16(1),
          u32(5, 6),
          u16(2, 1),
          u32(0, 0),
          u16(2),
          u32(8, 9),
          u32(10, 11),
        ),
      ]),
    );
    expect(tables).toMatchObject({
      primary: 0x102,
      infos: [
        { id: 0x102, type: 'av01' },
        { id: 3, type: '' },
      ],
      references: [
        { type: 'auxl', from: 0x103, to: 0x102 },
        { type: 'auxl', from: 0x103, to: 4 },
        { type: 'dimg', from: 1, to: 2 },
      ],
      associations: [
        { id: 0x102, index: 1 },
        { id: 0x102, index: 2 },
      ],
      locations: [
        { id: 1, construction: 0, dataReference: 0, extents: 1, offset: 21, length: 6 },
        { id: 2, construction: 0, dataReference: 1, extents: 2, offset: 8, length: 9 },
      ],
    });
    expect(tables.properties.map(({ type }) => type)).toEqual(['ispe', 'pixi']);
    expect(tables.areExact).toBe(false);
  });

  it('in their later versions, with larger numbers', () => {
    const tables = heifTables(
      Buffer.concat([
        u32(0),
        box('pitm', version(1), u32(0x10203)),
        box('iinf', version(1), u32(1), box('infe', version(3), u32(0x10203), u16(0), Buffer.from('hvc1\0'))),
        box('iref', version(1), box('cdsc', u32(0x20304), u16(1), u32(0x10203))),
        box(
          'iprp',
          box('ipco', box('ispe')),
          box('ipma', version(1, 1), u32(1, 0x10203), bytes(1), u16(0x8102)),
        ),
        box('iloc', version(1), bytes(0x44, 0), u16(1), u16(5, 0xfff2, 3, 1), u32(6, 7)),
      ]),
    );
    expect(tables).toMatchObject({
      primary: 0x10203,
      infos: [{ id: 0x10203, type: 'hvc1' }],
      references: [{ type: 'cdsc', from: 0x20304, to: 0x10203 }],
      associations: [{ id: 0x10203, index: 0x102 }],
      locations: [{ id: 5, construction: 2, dataReference: 3, extents: 1, offset: 6, length: 7 }],
      areExact: true,
    });
    const [location] = heifTables(
      Buffer.concat([
        u32(0),
        box(
          'iloc',
          version(2),
          bytes(0x44, 4),
          u32(1, 0x10203),
          u16(1, 0, 2),
          ...[9, 6, 7, 9, 6, 7].map((value) => u32(value)),
        ),
      ]),
    ).locations;
    expect(location).toEqual({
      id: 0x10203,
      construction: 1,
      dataReference: 0,
      extents: 2,
      offset: 6,
      length: 7,
    });
  });

  it('as far as there are any', () => {
    expect(heifTables(u32(0))).toEqual({
      boxes: [],
      primary: 0,
      infos: [],
      properties: [],
      associations: [],
      references: [],
      locations: [],
      areExact: true,
    });
  });

  it('up to the entries that they claim, and to the parts of each', () => {
    const less = heifTables(
      Buffer.concat([
        u32(0),
        box('iprp', fullBox('ipma', u32(1), u16(1), bytes(1, 1), u16(2), bytes(1, 1))),
        // Two items, the first in two parts with indexes of four bytes each; then a third item.
        box(
          'iloc',
          version(1),
          bytes(0x44, 4),
          u16(2),
          u16(1, 0, 0, 2),
          u32(9, 6, 7),
          u32(9, 8, 9),
          u16(2, 0, 0, 1),
          u32(9, 4, 5),
          u16(3, 0, 0, 1),
          u32(9, 2, 3),
        ),
      ]),
    );
    expect(less.associations).toEqual([{ id: 1, index: 1 }]);
    expect(less.locations.map(({ id, offset, length }) => [id, offset, length])).toEqual([
      [1, 6, 7],
      [2, 4, 5],
    ]);
    // The first version has no indexes, whatever their size.
    const first = heifTables(
      Buffer.concat([u32(0), fullBox('iloc', bytes(0x44, 4), u16(2), ...place(1), ...place(2))]),
    );
    expect(first.locations.map(({ id }) => id)).toEqual([1, 2]);
  });

  it('to their end where they claim more', () => {
    const more = heifTables(
      Buffer.concat([
        u32(0),
        fullBox('iref', box('auxl', u16(2, 0xffff, 1))),
        fullBox('iloc', bytes(0x44, 0), u16(0xffff), ...place(1)),
        box('iprp', fullBox('ipma', u32(0xffffffff), u16(1), bytes(1, 1))),
      ]),
    );
    expect(more.references.length).toBeLessThan(10);
    expect(more.locations).toHaveLength(1);
    expect(more.associations).toEqual([{ id: 1, index: 1 }]);
    expect(more.areExact).toBe(false);
  });
});

describe('an item of a HEIF file', () => {
  const meta = fullBox(
    'meta',
    fullBox('pitm', u16(2)),
    fullBox('iref', box('auxl', u16(3, 1, 2)), box('dimg', u16(2, 2, 4, 5)), box('dimg', u16(6, 1, 7))),
    box(
      'iprp',
      box('ipco', box('aaaa'), box('bbbb'), box('cccc')),
      fullBox('ipma', u32(2), u16(2), bytes(2, 3, 1), u16(3), bytes(2, 2, 9)),
    ),
    box('idat', Buffer.from('within')),
    box(
      'iloc',
      bytes(1, 0, 0, 0, 0x44, 0),
      u16(3),
      u16(2, 0, 0, 1),
      u32(4, 4),
      u16(3, 1, 0, 1),
      u32(1, 3),
      u16(4, 1, 0, 1),
      u32(2, 0),
    ),
  );
  const items = heifItems(Buffer.concat([box('ftyp', Buffer.from('avif')), meta]));

  it('has its properties, in the order of their numbers', () => {
    const typesOf = (item: number) => items?.propertiesOf(item).map(({ type }) => type);
    expect([items?.primary, typesOf(2), typesOf(3), typesOf(4)]).toEqual([2, ['cccc', 'aaaa'], ['bbbb'], []]);
  });

  it('has the references from it and to it, by their types', () => {
    expect([
      items?.referringTo(2, 'auxl'),
      items?.referringTo(2, 'dimg'),
      items?.referringTo(4, 'auxl'),
    ]).toEqual([[3], [], []]);
    expect([
      items?.referredFrom(2, 'dimg'),
      items?.referredFrom(2, 'auxl'),
      items?.referredFrom(3, 'dimg'),
    ]).toEqual([[4, 5], [], []]);
  });

  it('has its bytes in the file, or beside the tables', () => {
    expect([2, 3, 4, 5].map((item) => items?.dataOf(item).toString())).toEqual(['ftyp', 'ith', 'thin', '']);
  });

  it('is not in a file without tables', () => {
    expect(heifItems(box('ftyp', Buffer.from('avif')))).toBeUndefined();
  });
});
