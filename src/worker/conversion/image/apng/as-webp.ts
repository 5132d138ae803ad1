import type { Sharp } from 'sharp';
import type sharpModule from 'sharp';
import type { Pixels } from '../../../../core/conversion.ts';
import { checkFrames } from '../check-pixels.ts';
import { translateSharpError } from '../errors.ts';
import { isIntact, pngHeader } from '../color/png-chunks.ts';
import type { inSrgb } from '../color/in-srgb.ts';
import type { inspect } from '../inspect.ts';
import { secondsLeft, type ImageLimits } from '../limits.ts';
import type { ofDecoded } from '../raw.ts';
import { firstDirectory, one, TAG } from '../tiff/directory.ts';
import { Canvas } from './canvas.ts';
import { readApng } from './read.ts';
import { uprightSize, writeUpright } from './upright.ts';

/**
 * Functions that use sharp. They are passed in: this module is bundled as a separate file, and importing them would
 * bundle sharp twice.
 */
export interface Tools {
  sharp: typeof sharpModule;
  inspect: typeof inspect;
  inSrgb: typeof inSrgb;
  ofDecoded: typeof ofDecoded;
}

const TRANSLATED: ReadonlySet<string> = new Set(['Rejected', 'Retryable']);

/** The longest delay, in milliseconds, and the greatest number of plays that sharp accepts. */
const MOST = 65_535;

/** The longest side of a WebP. */
const LONGEST_SIDE = 16_383;

/**
 * Returns an animated PNG as a lossless WebP with the same frames in sRGB, upright: libvips reads only the default
 * image. A single frame becomes a PNG, and so does the first of frames too large for WebP. A file that browsers show as
 * a still is returned as it is.
 * @param animated whether frames after the first are needed
 * @throws Rejected
 */
export async function asWebp(
  apng: Uint8Array,
  animated: boolean,
  limits: ImageLimits,
  tools: Tools,
): Promise<Uint8Array> {
  const animation = readApng(apng);
  if (animation === undefined) return apng;
  const { width, height, frames: all, plays } = animation;
  const isStill = !animated || Math.max(width, height) > LONGEST_SIDE;
  const frames = isStill ? all.slice(0, 1) : all;
  checkFrames({ width, height }, frames.length, limits);
  const canvas = new Canvas({ width, height });
  const data = new Uint8Array(canvas.pixels.byteLength * frames.length);
  try {
    const orientation = orientationOf(apng);
    for (const [index, frame] of frames.entries()) {
      const before = frame.dispose === 'previous' ? canvas.copyOf(frame) : undefined;
      canvas.draw(frame, await rgba(frame.png(), limits, tools));
      const at = index * canvas.pixels.byteLength;
      writeUpright(canvas.pixels, { width, height }, orientation, data.subarray(at));
      // Before the first frame, there is nothing.
      if (before !== undefined) canvas.draw({ ...frame, blend: 'source' }, before);
      else if (frame.dispose === 'background') canvas.clear(frame);
    }
    const upright = uprightSize({ width, height }, orientation);
    const stacked: Pixels = { ...upright, data, height: upright.height * frames.length, channels: 4 };
    const still = frames.length === 1;
    const image = tools
      .ofDecoded(stacked, still ? undefined : upright.height)
      .timeout({ seconds: secondsLeft(limits) });
    if (still) return await image.png({ compressionLevel: 0 }).toBuffer();
    const delay = frames.map((frame) => Math.min(frame.delay, MOST));
    return await image.webp({ lossless: true, effort: 0, loop: Math.min(plays, MOST), delay }).toBuffer();
  } catch (error) {
    // Compares names: errors thrown in the worker's main bundle are not instances of this bundle's classes.
    const isTranslated = error instanceof Error && TRANSLATED.has(error.name);
    throw isTranslated ? error : await translateSharpError(error);
  }
}

/** Returns the orientation in its EXIF data, which is a TIFF without pixels. Damage there does no harm. */
function orientationOf(apng: Uint8Array): number {
  const exif = pngHeader(apng).chunks.find((chunk) => chunk.type === 'eXIf' && isIntact(chunk));
  return exif === undefined ? 1 : one(firstDirectory(exif.data), TAG.orientation, 1);
}

async function rgba(png: Uint8Array, limits: ImageLimits, tools: Tools): Promise<Uint8Array> {
  const inspected = await tools.inspect(png, limits);
  const open = (of: Uint8Array | Pixels): Sharp =>
    (of instanceof Uint8Array ? tools.sharp(of) : tools.ofDecoded(of)).timeout({
      seconds: secondsLeft(limits),
    });
  const image = await tools.inSrgb(png, inspected, inspected.size, open);
  return image(false).toColourspace('srgb').ensureAlpha().raw().toBuffer();
}
