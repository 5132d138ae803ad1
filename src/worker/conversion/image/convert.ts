import { defineConversion, type Conversion } from '../../../core/conversion.ts';
import { Rejected } from '../../../core/errors.ts';
import { imageOptionsSchema, type ImageOptions } from '../../../core/recipe.ts';
import { IMAGE } from '../../../core/rules.ts';
import { formatName } from './format-names.ts';
import { inspect } from './inspect.ts';
import { render } from './render.ts';

/** `image/heif` is what AVIF looks like under the brand `mif1`; the header tells whether it holds AV1. */
const CONTENT_TYPES: ReadonlySet<string> = new Set([
  'image/jpeg',
  'image/png',
  'image/apng',
  'image/webp',
  'image/avif',
  'image/heif',
  'image/gif',
  'image/tiff',
]);

const EXPECTED = 'JPEG, PNG, WebP, AVIF, GIF or TIFF';

/** Photos and animations, by sharp (libvips). */
export function createImageConversion(): Conversion<ImageOptions> {
  return defineConversion({
    name: IMAGE,
    stamped: true,
    options: imageOptionsSchema,
    renditions: ({ renditions }) => renditions.map(({ name }) => name),
    async convert({ source, options, renditions, limits, stamp }) {
      const { contentType } = source;
      if (contentType === undefined || !CONTENT_TYPES.has(contentType))
        throw new Rejected(
          'image.unsupported_format',
          `the content is ${formatName(contentType)}; expected ${EXPECTED}`,
        );
      const bytes = await source.content();
      const wanted = options.renditions.filter(({ name }) => renditions.includes(name));
      const all = { ...options.limits, ...limits };
      return render(bytes, await inspect(bytes, all), wanted, all, stamp);
    },
  });
}
