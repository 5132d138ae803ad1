import { expect } from 'vitest';
import sharp from 'sharp';
import { apngOf, filled, type ApngFrame } from '../apng-file.ts';
import { cicp, exifOrientation } from '../png.ts';
import {
  redAndBlue,
  showsFrames,
  showsHalves,
  showsRedAndBlue,
  type FormatCase,
  type Pixel,
  type Shows,
} from './format-case.ts';

const SIZE = { width: 64, height: 32 };
const RED: Pixel = [255, 0, 0, 255];
const GREEN: Pixel = [0, 255, 0, 255];
const BLUE: Pixel = [0, 0, 255, 255];
const CLEAR: Pixel = [0, 0, 0, 0];

const whole = (color: Pixel, more: Partial<ApngFrame> = {}): ApngFrame => ({
  pixels: filled(SIZE.width, SIZE.height, color),
  ...SIZE,
  ...more,
});

/** Covers the right half. */
const right = (color: Pixel, more: Partial<ApngFrame> = {}): ApngFrame => ({
  pixels: filled(32, 32, color),
  width: 32,
  height: 32,
  left: 32,
  ...more,
});

/** Returns a check of the left and the right half of each frame. */
function showsEach(...halves: readonly (readonly [Pixel, Pixel])[]): Shows['shows'] {
  return async (result) => {
    expect((await sharp(result.bytes).metadata()).pages).toBe(halves.length);
    for (const [page, [left, onRight]] of halves.entries()) {
      const bytes = await sharp(result.bytes, { page }).png().toBuffer();
      await showsHalves(left, onRight, SIZE)({ ...result, bytes });
    }
  };
}

const animation = (
  feature: string,
  frames: readonly ApngFrame[],
  shows: Shows['shows'],
  chunks: readonly Buffer[] = [],
): FormatCase => ({
  format: 'PNG',
  feature: `animation (APNG): ${feature}`,
  make: () => apngOf({ ...SIZE, frames, chunks }),
  expected: { shows, to: 'webp' },
});

const twoFrames = async () => {
  const first = await redAndBlue(SIZE.width, SIZE.height).ensureAlpha().raw().toBuffer();
  return apngOf({ ...SIZE, frames: [{ pixels: first, ...SIZE }, whole(GREEN)] });
};

export const APNG: readonly FormatCase[] = [
  {
    format: 'PNG',
    feature: 'animation (APNG), to WebP',
    make: twoFrames,
    expected: { shows: showsFrames([100, 100]), to: 'webp' },
  },
  {
    format: 'PNG',
    feature: 'animation (APNG), to any other format',
    make: twoFrames,
    expected: { shows: showsRedAndBlue, loss: 'only the first frame' },
  },
  animation(
    'a frame that covers part of the image',
    [whole(RED), right(BLUE)],
    showsEach([RED, RED], [RED, BLUE]),
  ),
  animation(
    'a frame whose area is cleared afterwards',
    [whole(RED), right(BLUE, { dispose: 1 }), right(CLEAR, { blend: 1 })],
    showsEach([RED, RED], [RED, BLUE], [RED, CLEAR]),
  ),
  animation(
    'a frame after which the previous content is restored',
    [whole(RED), right(BLUE, { dispose: 2 }), right(CLEAR, { blend: 1 })],
    showsEach([RED, RED], [RED, BLUE], [RED, RED]),
  ),
  animation(
    'a frame that replaces what is under its transparent parts',
    [whole(RED), right(CLEAR)],
    showsEach([RED, RED], [RED, CLEAR]),
  ),
  animation(
    'a semi-transparent frame over an opaque one',
    [whole(RED), right([0, 0, 255, 128], { blend: 1 })],
    showsEach([RED, RED], [RED, [127, 0, 128, 255]]),
  ),
  animation(
    'a semi-transparent frame over another semi-transparent one',
    [whole([255, 0, 0, 128]), right([0, 0, 255, 128], { blend: 1 })],
    // The alpha of both is 1 − (1 − ½)², and the share of the upper one ½ ÷ ¾.
    showsEach(
      [
        [255, 0, 0, 128],
        [255, 0, 0, 128],
      ],
      [
        [255, 0, 0, 128],
        [85, 0, 170, 192],
      ],
    ),
  ),
  animation(
    'in Display P3',
    [whole(RED), right([0x75, 0xfb, 0x4c, 255])],
    showsEach([RED, RED], [RED, [3, 255, 0, 255]]),
    [cicp(12, 13)],
  ),
  animation('EXIF orientation', [whole(RED), right(BLUE)], showsEach([RED, RED], [BLUE, RED]), [
    exifOrientation(3),
  ]),
  {
    format: 'PNG',
    feature: 'animation (APNG) whose default image is not a frame, and is not shown',
    make: () => apngOf({ ...SIZE, frames: [whole(RED), right(BLUE)], defaultImage: filled(64, 32, GREEN) }),
    expected: { shows: showsEach([RED, RED], [RED, BLUE]), to: 'webp' },
  },
  {
    format: 'PNG',
    feature: 'animation (APNG) of one frame, which is not the default image',
    make: () => apngOf({ ...SIZE, frames: [right(BLUE)], defaultImage: filled(64, 32, GREEN) }),
    expected: { shows: showsHalves(CLEAR, BLUE) },
  },
  {
    format: 'PNG',
    feature: 'animation (APNG) that declares more frames than it has',
    make: () => apngOf({ ...SIZE, frames: [whole(RED), right(BLUE)], declared: 3 }),
    expected: { shows: showsEach([RED, RED], [RED, BLUE]), to: 'webp' },
  },
  {
    format: 'PNG',
    feature: 'animation (APNG) that declares fewer frames than it has',
    make: () => apngOf({ ...SIZE, frames: [whole(RED), right(BLUE), whole(GREEN)], declared: 2 }),
    expected: { shows: showsEach([RED, RED], [RED, BLUE]), to: 'webp' },
  },
  {
    format: 'PNG',
    feature: 'animation (APNG) that declares no frames: its default image',
    make: () => apngOf({ ...SIZE, frames: [whole(RED)], defaultImage: filled(64, 32, GREEN), declared: 0 }),
    expected: { shows: showsHalves(GREEN, GREEN) },
  },
  {
    format: 'PNG',
    feature: 'animation (APNG) that declares frames and has none',
    make: () => apngOf({ ...SIZE, frames: [], defaultImage: filled(64, 32, GREEN), declared: 2 }),
    expected: { refused: 'image.corrupt', because: /declares 2 frames and contains none/ },
  },
  {
    format: 'PNG',
    feature: 'animation (APNG) that is cut off',
    make: async () => (await twoFrames()).subarray(0, -30),
    expected: { refused: 'image.corrupt', because: /it ends before the animation does/ },
  },
];
