import type { ConversionLimits, Pixels } from '../../../core/conversion.ts';
import { DEFAULT_RECIPE } from '../../../core/recipe.ts';
import type { Rendition } from '../../../core/rendition.ts';
import { inspect, type Inspected } from './inspect.ts';
import { render, type ImageResult } from './render.ts';

export type RenderImage = typeof renderImage;

/** Makes renditions of an image for another conversion (docs/adr/0030). */
export async function renderImage(
  image: Uint8Array | Pixels,
  renditions: readonly Rendition[],
  ofConversion: ConversionLimits,
  stamp: string,
): Promise<ImageResult[]> {
  const limits = { ...DEFAULT_RECIPE.limits, ...ofConversion };
  const inspected = image instanceof Uint8Array ? await inspect(image, limits) : ofPixels(image);
  return render(image, inspected, renditions, limits, stamp);
}

function ofPixels({ width, height }: Pixels): Inspected {
  return { format: 'png', size: { width, height }, frames: 1 };
}
