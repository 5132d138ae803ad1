import sharp from 'sharp';
import { expect } from 'vitest';
import type { Code } from '../../../src/core/code-names.ts';
import type { ConvertedImage } from '../convert-image.ts';
import { halves } from '../images.ts';
import { wrongPatches } from '../patches.ts';

/** A small file with a feature of a format, and what becomes of it: a test, and a row of docs/formats.md. */
export interface FormatCase {
  /** As people name it, such as `HEIC`. */
  format: string;
  feature: string;
  make: () => Uint8Array | Promise<Uint8Array>;
  /** What the result shows, or why there is none. */
  expected: Shows | Refused;
}

export interface Shows {
  shows: (result: ConvertedImage) => Promise<void>;
  /** What the result lacks. */
  loss?: string;
  /** Default: PNG. */
  to?: 'webp' | 'source';
}

export interface Refused {
  refused: Code;
  because: RegExp;
}

/** The picture of most cases: red on the left, blue on the right. */
export const redAndBlue = (width = 64, height = 32) => halves('#ff0000', '#0000ff', width, height);

export type Pixel = readonly [red: number, green: number, blue: number, alpha?: number];

/** Returns a check of the colours in the middle of the left and the right half. */
export function showsHalves(left: Pixel, right: Pixel, size = { width: 64, height: 32 }): Shows['shows'] {
  return async ({ bytes, width, height }) => {
    expect({ width, height }).toEqual(size);
    const { data, info } = await sharp(bytes).ensureAlpha().raw().toBuffer({ resolveWithObject: true });
    for (const [part, expected] of [left, right].entries()) {
      const x = Math.floor((info.width * (1 + 2 * part)) / 4);
      const at = (Math.floor(height / 2) * info.width + x) * info.channels;
      const found = [...data.subarray(at, at + 4)];
      const [red, green, blue, alpha = 255] = expected;
      // Of a pixel that is transparent, only that counts.
      const wrong = [red, green, blue].some(
        (value, index) => Math.abs(value - (found[index] ?? 0)) > TOLERANCE,
      );
      if (Math.abs(alpha - (found[3] ?? 0)) > TOLERANCE || (alpha > 0 && wrong))
        expect(found).toEqual([red, green, blue, alpha]);
    }
  };
}

/** Of JPEG and AVIF at ordinary quality. */
const TOLERANCE = 16;

export const RED: Pixel = [255, 0, 0];
export const BLUE: Pixel = [0, 0, 255];

export const showsRedAndBlue = showsHalves(RED, BLUE);

/** Returns a check that the patches of a test image have the colors that their values mean. */
export function showsPatches(meaning: Parameters<typeof wrongPatches>[1]): Shows['shows'] {
  return async (result) => expect(await wrongPatches(result, meaning)).toEqual([]);
}

/** Returns a check of the number of frames, and of their delays in milliseconds. */
export function showsFrames(delay: readonly number[]): Shows['shows'] {
  return async ({ bytes }) => {
    const { pages = 1, delay: found } = await sharp(bytes, { animated: true }).metadata();
    expect({ pages, delay: found }).toEqual({ pages: delay.length, delay });
  };
}
