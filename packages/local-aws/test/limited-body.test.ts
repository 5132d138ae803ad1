import { expect, it } from 'vitest';
import { limitedBody } from '../src/limited-body.ts';

async function* pieces(...sizes: number[]) {
  for (const size of sizes) yield Promise.resolve(new Uint8Array(size));
}

async function passed(body: AsyncIterable<Uint8Array>): Promise<number[]> {
  const sizes: number[] = [];
  try {
    for await (const { byteLength } of limitedBody(body, 10, () => new Error('too large')))
      sizes.push(byteLength);
  } catch (error) {
    expect(error).toEqual(new Error('too large'));
    sizes.push(-1);
  }
  return sizes;
}

it('a body passes up to its limit, and fails at the first piece beyond it', async () => {
  expect(await passed(pieces(4, 6))).toEqual([4, 6]);
  expect(await passed(pieces(4, 6, 1, 1))).toEqual([4, 6, -1]);
  expect(await passed(pieces(11))).toEqual([-1]);
  expect(await passed(pieces())).toEqual([]);
});
