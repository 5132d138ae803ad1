import { Rejected } from '../../../core/errors.ts';
import type { Conversion } from '../conversion.ts';
import { inspect } from './inspect.ts';
import { render } from './render.ts';

/** `image/heif` is what AVIF looks like under the brand `mif1`; the header tells whether it holds AV1. */
const CONTENT_TYPES = [
  'image/jpeg',
  'image/png',
  'image/apng',
  'image/webp',
  'image/avif',
  'image/heif',
  'image/gif',
  'image/tiff',
];

/** Photos and animations, by sharp (libvips). */
export function createImageConversion(): Conversion {
  return {
    contentTypes: CONTENT_TYPES,
    stamped: true,
    async convert(source, { renditions, limits }, stamp) {
      if (source.byteLength > limits.bytes) {
        throw new Rejected(
          'source.too_large',
          `the image has ${source.byteLength} bytes; the recipe allows ${limits.bytes}`,
        );
      }
      const inspected = await inspect(source, limits);
      return render(source, inspected, renditions, limits, stamp);
    },
  };
}
