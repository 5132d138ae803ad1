import type { Pixels } from '../../../core/conversion.ts';
import { DEFAULT_RECIPE } from '../../../core/recipe.ts';
import type { Rendition } from '../../../core/rendition.ts';
import { HEAD_BYTES, sniff } from '../sniff.ts';
import type { ImageResult } from './render-one.ts';
import { renderPages } from './render-pages.ts';

export type RenderImage = typeof renderImage;

/**
 * Makes renditions of an image for another conversion (docs/adr/0030).
 * @param deadline when the conversion's time is up, by `performance.now()`
 */
export async function renderImage(
  image: Uint8Array | Pixels,
  renditions: readonly Rendition[],
  deadline: number,
  stamp: string,
): Promise<ImageResult[]> {
  const limits = { ...DEFAULT_RECIPE.limits, deadline };
  const contentType = image instanceof Uint8Array ? await sniff(image.subarray(0, HEAD_BYTES)) : undefined;
  return renderPages(image, contentType, renditions, limits, stamp);
}
