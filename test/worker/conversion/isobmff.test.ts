import { expect, it } from 'vitest';
import { boxesIn } from '../../../src/worker/conversion/image/color/isobmff.ts';

it('a file of millions of empty boxes does not fill the heap', () => {
  const box = Buffer.from('\0\0\0\x08free', 'latin1');
  const file = Buffer.alloc(20_000_000, box);
  expect(boxesIn(file)).toHaveLength(10_000);
  expect(boxesIn(file.subarray(0, 80))).toHaveLength(10);
});
