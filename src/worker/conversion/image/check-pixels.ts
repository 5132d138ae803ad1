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

/** Formats a number with thousands separators. */
export function grouped(count: number): string {
  return count.toLocaleString('en');
}
