import { defineConversion, type Conversion } from '../../../core/conversion.ts';
import { imageOptionsSchema, type ImageOptions } from '../../../core/recipe.ts';
import { IMAGE } from '../../../core/rules.ts';
import { deadlineIn } from './limits.ts';
import { repairedIfNeeded } from './repair/repaired-if-needed.ts';
import { renderPages } from './render-pages.ts';

/** Converts photos and animations with sharp (libvips). Other decoders provide pixels for formats that sharp lacks. */
export function createImageConversion(): Conversion<ImageOptions> {
  return defineConversion({
    name: IMAGE,
    stamped: true,
    options: imageOptionsSchema,
    renditions: ({ renditions }) => renditions.map(({ name }) => name),
    async convert({ source, options, renditions, limits, stamp }) {
      const within = { ...options.limits, deadline: deadlineIn(limits.seconds) };
      const bytes = await source.content();
      const wanted = options.renditions.filter(({ name }) => renditions.includes(name));
      const make = (file: Uint8Array) => renderPages(file, source.contentType, wanted, within, stamp);
      return repairedIfNeeded(bytes, source.contentType, within, make);
    },
  });
}
