import type { Pixels } from '../../../core/conversion.ts';
import type { Limits } from '../../../core/recipe.ts';
import { inspect, type Inspected } from './inspect.ts';

/** What `render` takes: a file that sharp reads, or pixels. */
export interface Opened {
  image: Uint8Array | Pixels;
  inspected: Inspected;
}

/** Formats that sharp reads. `image/heif` is AVIF with the brand `mif1`, or HEIC: the header tells which. */
const SHARP_TYPES: ReadonlySet<string> = new Set([
  'image/jpeg',
  'image/png',
  'image/apng',
  'image/webp',
  'image/avif',
  'image/heif',
  'image/gif',
  'image/tiff',
]);

/**
 * Reads the header of an image, or all of it if its format is one that sharp does not know.
 * @param contentType as sniffed
 * @throws Rejected
 */
export async function openImage(
  bytes: Uint8Array,
  contentType: string | undefined,
  limits: Limits,
): Promise<Opened> {
  if (contentType !== undefined && SHARP_TYPES.has(contentType))
    return { image: bytes, inspected: await inspect(bytes, limits) };
  // Most deployments never need the other decoders, and no start has to parse them.
  const { decodeOther } = await import('./decode-other.ts');
  const image = decodeOther(bytes, contentType, limits);
  if (!(image instanceof Uint8Array)) return ofPixels(image);
  return { image, inspected: { ...(await inspect(image, limits)), kept: 'png' } };
}

/** Returns pixels as an opened image. Its format, which renditions of the format `source` keep, is PNG. */
export function ofPixels(pixels: Pixels): Opened {
  const { width, height } = pixels;
  return { image: pixels, inspected: { format: 'png', size: { width, height }, frames: 1 } };
}
