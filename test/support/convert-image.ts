import type { Recipe } from '../../src/core/recipe.ts';
import { wholeContent } from '../../src/worker/conversion/content.ts';
import { createConversions } from '../../src/worker/conversion/conversions.ts';
import type { ImageResult } from '../../src/worker/conversion/image/render-one.ts';
import { renderImage } from '../../src/worker/conversion/image/render-image.ts';
import { readyRules } from '../../src/worker/conversion/rules.ts';
import { runConversion } from '../../src/worker/conversion/run.ts';
import { createScratch } from '../../src/worker/conversion/scratch.ts';

const conversions = createConversions();

/** A result. Width and height in pixels of one frame. */
export interface ConvertedImage {
  rendition: string;
  bytes: Uint8Array;
  contentType: string;
  width: number;
  height: number;
  metadata: Readonly<Record<string, string>>;
}

/** Converts an image to all renditions of a recipe, as the worker does. */
export async function convertImage(
  bytes: Uint8Array,
  recipe: Recipe,
  stamp: string,
): Promise<ConvertedImage[]> {
  const rule = readyRules(recipe, conversions)('image');
  const { renditions } = rule;
  const content = wholeContent(bytes);
  const scratch = createScratch();
  const run = { key: 'image', bytes: bytes.byteLength, content, renditions, stamp, scratch, renderImage };
  const results = (await runConversion(rule, run)) as ImageResult[];
  return results.map(({ rendition, body, contentType, metadata }) => ({
    rendition,
    bytes: body,
    contentType,
    width: Number(metadata.width),
    height: Number(metadata.height),
    metadata,
  }));
}
