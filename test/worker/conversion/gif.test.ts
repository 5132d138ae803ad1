import sharp from 'sharp';
import { expect, it } from 'vitest';
import { unusedColor } from '../../../src/worker/conversion/image/gif/unused-color.ts';
import { withoutBackground } from '../../../src/worker/conversion/image/gif/without-background.ts';
import { fc } from '../../support/fuzz.ts';
import { gifOf, lzw } from '../../support/gif-file.ts';
import { animatedGif } from '../../support/images.ts';
import { pixelAt } from '../../support/rendered.ts';

it('finds a color that no pixel of a frame has', () => {
  const pixels = fc.array(fc.integer({ min: 0, max: 250 }), { maxLength: 10_000, size: 'max' });
  fc.assert(
    fc.property(pixels, (values) => {
      const used = new Set(values);
      const expected = Array.from({ length: 256 }, (_, color) => color).find((color) => !used.has(color));
      expect(unusedColor(lzw(values, 8), 8)).toBe(expected);
    }),
    // To shrink ten thousand pixels takes minutes.
    { endOnFailure: true },
  );
});

it.each([1, 2])('what %d first frames restore is empty, because nothing was before them', async (count) => {
  const whole = { left: 0, width: 64, color: 0, disposal: 3 };
  const gif = gifOf([...Array.from({ length: count }, () => whole), { left: 32, width: 32, color: 2 }]);
  const last = await sharp(withoutBackground(gif), { page: count }).ensureAlpha().png().toBuffer();
  expect((await pixelAt(last, 5, 5))[3]).toBe(0);
  expect((await pixelAt(last, 40, 5))[3]).toBe(255);
});

it('a GIF without empty places stays as it is', async () => {
  const whole = { left: 0, width: 64, color: 0, disposal: 2 };
  for (const gif of [gifOf([whole, whole]), await animatedGif()]) expect(withoutBackground(gif)).toBe(gif);
});

it('a GIF that is cut off anywhere ends where it ended', () => {
  const gif = gifOf([
    { left: 0, width: 64, color: 0, disposal: 2, bits: 8, colors: 250 },
    { left: 32, width: 32, color: 2 },
  ]);
  for (let length = 0; length < gif.byteLength; length += 1)
    expect(withoutBackground(gif.subarray(0, length)).byteLength).toBe(length);
});
