import sharp, { type Sharp } from 'sharp';
import type { Rendition } from '../../../core/rendition.ts';

/**
 * Returns the placeholder of a result, if its rendition has one, as S3 user metadata. It is made of the result itself, so it
 * has the same crop, background and turn; of an animation, the first frame.
 * @param limited limits the time of an image
 */
export async function placeholderIn(
  result: Uint8Array,
  { placeholder }: Rendition,
  limited: (image: Sharp) => Sharp,
): Promise<Readonly<Record<string, string>>> {
  if (placeholder === undefined) return {};
  const { PLACEHOLDER_SIDE: side, placeholderOf } = await import('./placeholder.ts');
  const { data, info } = await limited(sharp(result, { limitInputPixels: false }))
    .resize({ width: side, height: side, fit: 'inside', withoutEnlargement: true })
    .toColourspace('srgb')
    .ensureAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  const { width, height } = info;
  return placeholderOf({ data, width, height }, placeholder);
}
