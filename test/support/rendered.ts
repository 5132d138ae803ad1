import sharp from 'sharp';
import { InvalidRecipe } from '../../src/core/invalid-recipe.ts';
import { parseRecipe } from '../../src/core/recipe.ts';
import { convertImage } from './convert-image.ts';

/** Returns the bytes of one rendition of an image. */
export async function rendered(source: Uint8Array, rendition: object): Promise<Uint8Array> {
  const recipe = parseRecipe(JSON.stringify({ renditions: [{ name: 'web', ...rendition }] }));
  const [result] = await convertImage(source, recipe, 'stamp');
  if (result === undefined) throw new Error('expected a result');
  return result.bytes;
}

/** Returns why a recipe with this rendition is refused; nothing if it is accepted. */
export function renditionMistakes(rendition: object): string {
  try {
    parseRecipe(JSON.stringify({ renditions: [{ name: 'web', ...rendition }] }));
  } catch (error) {
    if (error instanceof InvalidRecipe) return error.message;
    throw error;
  }
  return '';
}

/** Returns red, green, blue and alpha of a pixel. A negative place counts from the right or the bottom. */
export async function pixelAt(bytes: Uint8Array, x: number, y: number): Promise<number[]> {
  const { data, info } = await sharp(bytes)
    .toColourspace('srgb')
    .ensureAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  const at = ((y < 0 ? info.height + y : y) * info.width + (x < 0 ? info.width + x : x)) * 4;
  return [...data.subarray(at, at + 4)];
}
