import * as z from 'zod';
import { fromDataUrl, isDataUrl } from './data-url.ts';
import { POSITIONS } from './positions.ts';

/** Of one watermark's image. */
export const WATERMARK_BYTES = 32_768;
/** Of all, because the recipe is an environment variable, which Linux limits to 128 KiB; base64 adds a third. */
const ALL_BYTES = 65_536;

/** Of base64. */
const MAX_CHARACTERS = 64 + (WATERMARK_BYTES / 3) * 4;

/** An image over a rendition. Its defaults are part of the recipe's id. */
export const watermarkSchema = z.strictObject({
  /** A path, until the recipe's file is read, or a data URL. */
  image: z
    .string()
    .min(1)
    .refine(
      (image) => !image.startsWith('data:') || (isDataUrl(image) && image.length <= MAX_CHARACTERS),
      `expected a path, or a data URL in base64 of a PNG, WebP or JPEG of at most ${WATERMARK_BYTES} bytes`,
    ),
  position: z.enum(Object.keys(POSITIONS) as (keyof typeof POSITIONS)[]).default('right bottom'),
  scale: z.number().min(0.01).max(1).default(0.25),
  opacity: z.number().min(0.01).max(1).default(1),
  margin: z.int().min(0).max(10_000).default(0),
});

export type Watermark = z.infer<typeof watermarkSchema>;

interface Marked {
  watermark?: Watermark | undefined;
}

/** A recipe. */
interface Images {
  renditions: readonly Marked[];
  rules: readonly { conversion: string; options?: unknown }[];
}

/** Returns the images of a recipe's watermarks, with their paths in the recipe's file. */
export function watermarkImages(recipe: Images): { path: string; image: string }[] {
  const images: { path: string; image: string }[] = [];
  withWatermarkImages(recipe, (image, path) => {
    images.push({ path, image });
    return image;
  });
  return images;
}

/** Returns the recipe with other images in its watermarks. */
export function withWatermarkImages<T extends Images>(
  recipe: T,
  replace: (image: string, path: string) => string,
): T {
  const replaced = <R extends Marked>(renditions: readonly R[], root: string): R[] =>
    renditions.map((rendition, index) => {
      if (rendition.watermark === undefined) return rendition;
      const image = replace(rendition.watermark.image, `${root}renditions[${index}].watermark.image`);
      return { ...rendition, watermark: { ...rendition.watermark, image } };
    });
  const rules = recipe.rules.map((rule, index) => {
    // The name of the built-in conversion; others have options of their own.
    if (rule.conversion !== 'image') return rule;
    const options = rule.options as { renditions: Marked[] };
    return {
      ...rule,
      options: { ...options, renditions: replaced(options.renditions, `conversions[${index}].options.`) },
    };
  });
  return { ...recipe, renditions: replaced(recipe.renditions, ''), rules };
}

/** Returns a line for each watermark whose image the worker would not have, or if they are too large together. */
export function watermarkMistakes(recipe: Images): string[] {
  const images = watermarkImages(recipe).map((each) => ({ ...each, bytes: fromDataUrl(each.image) }));
  const missing = images
    .filter(({ bytes }) => bytes === undefined)
    .map(
      ({ path, image }) =>
        `${path}: ${image} was not read, because it is not known which file names it: pass the path of the file (\`config\`) instead of its contents, or give the image as a data URL`,
    );
  const all = images.reduce((sum, { bytes }) => sum + (bytes?.byteLength ?? 0), 0);
  return all <= ALL_BYTES
    ? missing
    : [...missing, `watermark: the images have ${all} bytes together; expected at most ${ALL_BYTES}`];
}
