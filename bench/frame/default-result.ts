import sharp from 'sharp';
import type { Size } from '../../src/core/geometry.ts';

/** Longest side of the default recipe's results, in pixels. */
const LONGEST_SIDE = 1600;

/** Converts a photo as the default recipe does, with bare sharp. */
export function defaultResult(photo: Buffer): Promise<Buffer> {
  return sharp(photo)
    .autoOrient()
    .resize({ width: LONGEST_SIDE, height: LONGEST_SIDE, fit: 'inside', withoutEnlargement: true })
    .webp({ quality: 72, effort: 2 })
    .toBuffer();
}

/** Returns the size of the default recipe's result for a photo of this size. */
export function sizeOfResult({ width, height }: Size): Size {
  const scale = Math.min(1, LONGEST_SIDE / Math.max(width, height));
  return { width: Math.round(width * scale), height: Math.round(height * scale) };
}
