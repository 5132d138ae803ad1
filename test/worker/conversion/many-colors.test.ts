import { describe, expect, it } from 'vitest';
import { hasManyColors } from '../../../src/worker/conversion/image/many-colors.ts';

/** An image of one row with these colors. */
function row(colors: readonly (readonly number[])[]) {
  return {
    data: Buffer.from(colors.flat()),
    width: colors.length,
    height: 1,
    channels: colors[0]?.length ?? 0,
  } as Parameters<typeof hasManyColors>[0];
}

describe('an image', () => {
  it.each([
    ['the first channel', (n: number) => [n % 256, n >> 8, 0, 0]],
    ['the last channel', (n: number) => [0, 0, n >> 8, n % 256]],
    ['each channel by itself', (n: number) => [0, 0, 0, 0].with(n & 3, 1 + (n >> 2))],
    ['grey', (n: number) => [n >> 8, n % 256]],
  ])('has many colors if it has more than 1,024, however they differ: %s', (_what, color) => {
    // As many as each channel has by itself.
    const colors = Array.from({ length: 4 * 255 }, (_, n) => color(n));
    const nines = (colors[0] ?? []).map(() => 9);
    const others = [1, 2, 3, 4].map((last) => [...nines.slice(1), last]);
    expect(hasManyColors(row([...colors, ...others]))).toBe(false);
    expect(hasManyColors(row([...colors, ...others, nines]))).toBe(true);
  });

  it('has few colors if they come again and again', () => {
    const colors = Array.from({ length: 5000 }, (_, n) => [n % 3, (n * 7) % 300 < 150 ? 1 : 2, 0]);
    expect(hasManyColors(row(colors))).toBe(false);
  });
});
