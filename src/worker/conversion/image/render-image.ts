import type { ConversionLimits, Pixels } from '../../../core/conversion.ts';
import { DEFAULT_RECIPE, type Limits } from '../../../core/recipe.ts';
import type { Rendition } from '../../../core/rendition.ts';
import { HEAD_BYTES, sniff } from '../sniff.ts';
import { ofPixels, openImage } from './open.ts';
import type { Opened } from './opened.ts';
import { render } from './render.ts';
import type { ImageResult } from './render-one.ts';

export type RenderImage = typeof renderImage;

/** Makes renditions of an image for another conversion (docs/adr/0030). */
export async function renderImage(
  image: Uint8Array | Pixels,
  renditions: readonly Rendition[],
  ofConversion: ConversionLimits,
  stamp: string,
): Promise<ImageResult[]> {
  const limits = { ...DEFAULT_RECIPE.limits, ...ofConversion };
  const opened = image instanceof Uint8Array ? await openFile(image, limits) : ofPixels(image);
  return render(opened.image, opened.inspected, renditions, limits, stamp);
}

async function openFile(bytes: Uint8Array, limits: Limits): Promise<Opened> {
  return openImage(bytes, await sniff(bytes.subarray(0, HEAD_BYTES)), limits);
}
