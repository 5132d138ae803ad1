import { Rejected } from '../../../core/errors.ts';
import type { Size } from '../../../core/geometry.ts';
import type { ImageLimits } from './limits.ts';

/** @throws Rejected if the frames have more pixels than the recipe allows */
export function checkPixels(
  { width, height }: Size,
  frames: number,
  limits: Pick<ImageLimits, 'pixels'>,
): void {
  const pixels = width * height * frames;
  if (pixels <= limits.pixels) return;
  const times = frames === 1 ? '' : ` × ${frames} frames`;
  throw new Rejected(
    'image.too_many_pixels',
    `the image has ${grouped(pixels)} pixels (${width} × ${height}${times}); the recipe allows ${grouped(limits.pixels)}`,
  );
}

/** @throws Rejected if the recipe does not allow as many frames, or as many pixels in all of them together */
export function checkFrames(size: Size, frames: number, limits: Omit<ImageLimits, 'deadline'>): void {
  if (frames > limits.pages)
    throw new Rejected(
      'image.too_many_pages',
      `the image has ${grouped(frames)} frames; the recipe allows ${grouped(limits.pages)}`,
    );
  checkPixels(size, frames, limits);
}

/** Formats a number with thousands separators. */
export function grouped(count: number): string {
  return count.toLocaleString('en');
}
