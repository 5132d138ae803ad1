import sharp from 'sharp';
import { expect } from 'vitest';
import { gifOf, type Frame } from '../gif-file.ts';
import * as images from '../images.ts';
import {
  BLUE,
  RED,
  redAndBlue,
  showsFrames,
  showsHalves,
  showsRedAndBlue,
  type FormatCase,
  type Pixel,
  type Shows,
} from './format-case.ts';

const CLEAR: Pixel = [0, 0, 0, 0];
const GREEN: Pixel = [0, 255, 0];
const firstFrame = showsHalves(RED, RED, { width: 40, height: 30 });

export const GIF: readonly FormatCase[] = [
  {
    format: 'GIF',
    feature: 'still',
    make: () => redAndBlue().gif().toBuffer(),
    expected: { shows: showsRedAndBlue },
  },
  {
    format: 'GIF',
    feature: 'animation, to WebP or GIF',
    make: images.animatedGif,
    expected: { shows: showsFrames(images.DELAYS), to: 'webp' },
  },
  {
    format: 'GIF',
    feature: 'animation, to any other format',
    make: images.animatedGif,
    expected: { shows: firstFrame, loss: 'only the first frame' },
  },
  {
    format: 'GIF',
    feature: 'frame smaller than the picture, without a transparent color',
    make: () => gifOf([{ left: 0, width: 32, color: 0 }]),
    expected: { shows: showsHalves(RED, CLEAR) },
  },
  {
    format: 'GIF',
    feature: 'frame whose place becomes the background, which browsers show as transparent',
    make: () => disposed({ color: 0 }),
    expected: { shows: showsSecondFrame(CLEAR), to: 'webp' },
  },
  {
    format: 'GIF',
    feature: 'the same, of 256 colors, of which one is unused',
    make: () => disposed({ color: 0, bits: 8, colors: 255 }),
    expected: { shows: showsSecondFrame(CLEAR), to: 'webp' },
  },
  {
    format: 'GIF',
    feature: 'the same, of 256 colors, of which all are used',
    make: () => disposed({ color: 0, bits: 8, colors: 256 }),
    expected: {
      shows: showsSecondFrame(GREEN),
      to: 'webp',
      loss: 'transparency: the background has its color',
    },
  },
];

/** A frame that is disposed of to the background, and one over its right half. */
function disposed(first: Partial<Frame>): Buffer {
  return gifOf([
    { left: 0, width: 64, color: 0, disposal: 2, ...first },
    { left: 32, width: 32, color: 2 },
  ]);
}

function showsSecondFrame(left: Pixel): Shows['shows'] {
  return async (result) => {
    const { pages = 1 } = await sharp(result.bytes).metadata();
    expect(pages).toBe(2);
    const bytes = await sharp(result.bytes, { page: 1 }).png().toBuffer();
    await showsHalves(left, BLUE)({ ...result, bytes });
  };
}
