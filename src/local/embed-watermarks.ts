import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { InvalidRecipe } from '../core/invalid-recipe.ts';
import type { Recipe } from '../core/recipe.ts';
import { fromDataUrl, toDataUrl } from '../core/data-url.ts';
import { WATERMARK_BYTES, watermarkImages, withWatermarkImages } from '../core/watermark.ts';
import { decoderReason } from '../worker/conversion/image/decoder-reason.ts';
import { messageOf } from '../core/message-of.ts';

/** Pixels; no result shows more of a watermark. */
const LONGEST_SIDE = 4000;

/**
 * Reads the images of watermarks into the recipe, so that the worker has them wherever it runs.
 * @param folder of the recipe's file, to which their paths are relative
 * @throws InvalidRecipe naming every image that cannot be used
 */
export async function embedWatermarks<T extends Pick<Recipe, 'renditions' | 'rules'>>(
  recipe: T,
  folder: string,
): Promise<T> {
  const embedded = new Map<string, string>();
  const mistakes: string[] = [];
  for (const { path, image } of watermarkImages(recipe)) {
    try {
      embedded.set(path, await embed(image, folder));
    } catch (cause) {
      mistakes.push(`${path}: ${messageOf(cause)}`);
    }
  }
  if (mistakes.length > 0) throw new InvalidRecipe(mistakes.join('\n'));
  return withWatermarkImages(recipe, (image, path) => embedded.get(path) ?? image);
}

/** @throws Error that says why the image cannot be used */
async function embed(image: string, folder: string): Promise<string> {
  const given = fromDataUrl(image);
  const name = given === undefined ? image : 'the image';
  const bytes = given ?? (await read(image, folder));
  if (bytes.byteLength > WATERMARK_BYTES)
    throw new Error(
      `${name} has ${bytes.byteLength} bytes; expected at most ${WATERMARK_BYTES}: use fewer pixels or colors, or lossless WebP`,
    );
  const url = toDataUrl(bytes);
  if (url === undefined) throw new Error(`${name} is not a PNG, WebP or JPEG`);
  await check(bytes, name);
  return url;
}

async function read(image: string, folder: string): Promise<Uint8Array> {
  try {
    return await readFile(resolve(folder, image));
  } catch (cause) {
    throw new Error(`${image} could not be read: ${messageOf(cause)}`, { cause });
  }
}

async function check(bytes: Uint8Array, name: string): Promise<void> {
  // Few recipes have a watermark.
  const { default: sharp } = await import('sharp');
  const damaged = (cause: unknown) =>
    new Error(`${name} is damaged: ${decoderReason(messageOf(cause))}`, { cause });
  const image = sharp(bytes, { failOn: 'warning' });
  const { width, height } = await image.metadata().catch((cause: unknown) => {
    throw damaged(cause);
  });
  if (Math.max(width, height) > LONGEST_SIDE)
    throw new Error(`${name} has ${width} × ${height} pixels; expected at most ${LONGEST_SIDE} a side`);
  await image.stats().catch((cause: unknown) => {
    throw damaged(cause);
  });
}
