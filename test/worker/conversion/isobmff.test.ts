import { describe, expect, it } from 'vitest';
import { boxesIn, fills } from '../../../src/worker/conversion/image/color/isobmff.ts';
import { box, u32 } from '../../support/avif.ts';

it('a file of millions of empty boxes does not fill the heap', () => {
  const file = Buffer.alloc(20_000_000, box('free'));
  expect(boxesIn(file)).toHaveLength(10_000);
  expect(boxesIn(file.subarray(0, 80))).toHaveLength(10);
});

describe('boxes', () => {
  const free = box('free', Buffer.of(1));
  const contents = (...parts: Buffer[]) =>
    boxesIn(Buffer.concat(parts)).map(({ type, body }) => [type, ...body]);

  it('may have a size of eight bytes, or reach to the end', () => {
    const large = Buffer.concat([u32(1), Buffer.from('mdat'), u32(0, 18), Buffer.of(7, 8)]);
    expect(contents(large, free)).toEqual([
      ['mdat', 7, 8],
      ['free', 1],
    ]);
    const empty = Buffer.concat([u32(1), Buffer.from('mdat'), u32(0, 16)]);
    expect(contents(empty)).toEqual([['mdat']]);
    const toTheEnd = Buffer.concat([u32(0), Buffer.from('mdat'), Buffer.of(7, 8)]);
    expect(contents(free, toTheEnd, free).at(1)).toEqual(['mdat', 7, 8, ...free]);
  });

  it.each([
    ['smaller than its header', Buffer.concat([u32(7), Buffer.from('mdat')])],
    ['smaller than its large header', Buffer.concat([u32(1), Buffer.from('mdat'), u32(0, 15)])],
    ['without its large size', Buffer.concat([u32(1), Buffer.from('mdat'), u32(0)])],
    ['larger than the file', Buffer.concat([u32(9), Buffer.from('mdat')])],
    ['without a type', u32(8)],
  ])('end before a box %s', (_what, damaged) => {
    expect(contents(free, damaged)).toEqual([['free', 1]]);
  });

  it('fill their container if the last ends where it does', () => {
    const two = Buffer.concat([free, free]);
    const longer = Buffer.concat([two, Buffer.of(0)]);
    expect([two, longer, Buffer.alloc(0)].map((bytes) => fills(boxesIn(bytes), bytes))).toEqual([
      true,
      false,
      false,
    ]);
  });
});
