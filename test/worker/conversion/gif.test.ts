import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { readGif } from '../../../src/worker/conversion/image/gif/frames.ts';
import { unusedColor } from '../../../src/worker/conversion/image/gif/unused-color.ts';
import { withoutBackground } from '../../../src/worker/conversion/image/gif/without-background.ts';
import { fc } from '../../support/fuzz.ts';
import { gifOf, lzw, type Frame } from '../../support/gif-file.ts';
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

describe('a color that no pixel of a frame has', () => {
  /** More pixels than the table of codes has places, in each color but 0, 5 and those from 251. */
  const many = Array.from({ length: 6000 }, (_, index) => {
    const color = (index * (1 + Math.floor(index / 251))) % 251;
    return color === 0 || color === 5 ? 1 : color;
  });

  it('is found among pixels after the table of codes is full', () => {
    expect(unusedColor(lzw([...many, 0], 8), 8)).toBe(5);
  });

  it('is found without a code that clears the table before the first pixel', () => {
    const bits = [...lzw([...many.slice(0, 2000), 0], 8)]
      .flatMap((byte) => Array.from({ length: 8 }, (_, bit) => (byte >> bit) & 1))
      .slice(9);
    const bytes = Uint8Array.from({ length: Math.ceil(bits.length / 8) }, (_, index) =>
      bits.slice(index * 8, index * 8 + 8).reduce((byte, bit, at) => byte | (bit << at), 0),
    );
    expect(unusedColor(bytes, 8)).toBe(5);
  });

  it('may be one that occurs after the end', () => {
    expect(unusedColor(Buffer.concat([lzw([1, 2], 8), Buffer.alloc(8)]), 8)).toBe(0);
  });

  it('is the last of the table if a color has fewer than 8 bits', () => {
    for (const bits of [1, 7]) expect(unusedColor(lzw([0, 1], bits), bits)).toBe(255);
  });

  it('is not known if a color has a number of bits that GIF does not allow', () => {
    for (const bits of [0, 9, 12]) expect(unusedColor(lzw([0, 1], 8), bits)).toBeUndefined();
  });
});

it.each([1, 2])('what %d first frames restore is empty, because nothing was before them', async (count) => {
  const whole = { left: 0, width: 64, color: 0, disposal: 3 };
  const gif = gifOf([...Array.from({ length: count }, () => whole), { left: 32, width: 32, color: 2 }]);
  const last = await sharp(withoutBackground(gif), { page: count }).ensureAlpha().png().toBuffer();
  expect((await pixelAt(last, 5, 5))[3]).toBe(0);
  expect((await pixelAt(last, 40, 5))[3]).toBe(255);
});

describe('a GIF', () => {
  const whole = { left: 0, width: 64, color: 0 };
  const right = { left: 32, width: 32, color: 2 };
  const comment = Buffer.of(0x21, 0xfe, 3, 0x20, 0x20, 0x20, 0);

  it.each<[string, Frame[]]>([
    [
      'that disposes of a frame below one that covers it',
      [whole, whole].map((frame) => ({ ...frame, disposal: 2 })),
    ],
    ['that keeps its first frame', [{ ...whole, disposal: 1 }, right]],
    ['whose small first frame has a transparent color', [{ ...right, disposal: 0, transparent: true }]],
    [
      'the same, with a comment before its pixels',
      [{ ...right, disposal: 0, transparent: true, extensions: comment }],
    ],
  ])('%s stays as it is', (_what, frames) => {
    const gif = gifOf(frames);
    expect(withoutBackground(gif)).toBe(gif);
  });

  it('of ordinary frames stays as it is', async () => {
    const gif = await animatedGif();
    expect(withoutBackground(gif)).toBe(gif);
  });

  it.each<[string, Frame, Frame, empty: [number, number]]>([
    ['restored by every frame', { ...whole, disposal: 3 }, { ...right, disposal: 3 }, [5, 5]],
    ['disposed of above the next', { ...whole, disposal: 2 }, { ...whole, top: 16, height: 16 }, [5, 5]],
    ['disposed of below the next', { ...whole, disposal: 2 }, { ...whole, height: 16 }, [5, 25]],
    ['disposed of with a table of its own', { ...whole, disposal: 2, ownTable: true }, right, [5, 5]],
    ['disposed of with a comment', { ...whole, disposal: 2, extensions: comment }, right, [5, 5]],
  ])('has nothing where its first frame was, if that is %s', async (_what, first, second, [x, y]) => {
    const last = await sharp(withoutBackground(gifOf([first, second])), { page: 1 })
      .ensureAlpha()
      .png()
      .toBuffer();
    expect((await pixelAt(last, x, y))[3]).toBe(0);
    expect((await pixelAt(last, 40, y === 5 ? 25 : 5))[3]).toBe(255);
  });

  it('whose frame is disposed of below a transparent one is changed', () => {
    const gif = gifOf([
      { ...whole, disposal: 2 },
      { ...whole, disposal: 0, transparent: true },
    ]);
    const [first] = readGif(Buffer.from(withoutBackground(gif))).frames;
    expect(first?.control).toMatchObject({ disposal: 2, isTransparent: true });
  });

  it('has no frames after its end, nor more than 100,000', () => {
    const gif = gifOf([whole]);
    expect(readGif(Buffer.concat([gif, Buffer.alloc(100)])).frames).toHaveLength(1);
    const frame = Buffer.of(0x2c, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 0);
    const head = gif.subarray(0, 13 + 768);
    const many = Buffer.concat([head, Buffer.alloc(100_001 * frame.length, frame), Buffer.from(';')]);
    expect(readGif(many).frames).toHaveLength(100_000);
  });
});

it('a GIF that is cut off anywhere ends where it ended', () => {
  const gif = gifOf([
    { left: 0, width: 64, color: 0, disposal: 2, bits: 8, colors: 250 },
    { left: 32, width: 32, color: 2 },
  ]);
  for (let length = 0; length < gif.byteLength; length += 1)
    expect(withoutBackground(gif.subarray(0, length)).byteLength).toBe(length);
});
