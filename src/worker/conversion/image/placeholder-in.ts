import sharp, { type Sharp } from 'sharp';
import type { Rendition } from '../../../core/rendition.ts';
import { decoded } from './raw.ts';

/**
 * Returns the placeholder of a result, if its rendition has one, as S3 user metadata. It is made from the result, so it
 * has the same crop, background and rotation. For an animation, it is made from the first frame.
 * @param limited limits the time of an image
 */
export async function placeholderIn(
  result: Uint8Array,
  { placeholder }: Rendition,
  limited: (image: Sharp) => Sharp,
): Promise<Readonly<Record<string, string>>> {
  if (placeholder === undefined) return {};
  const { PLACEHOLDER_SIDE: side, placeholderOf } = await import('./placeholder.ts');
  const image = limited(sharp(result, { limitInputPixels: false }))
    .resize({ width: side, height: side, fit: 'inside', withoutEnlargement: true })
    .ensureAlpha();
  return placeholderOf(await decoded(image), placeholder);
}
