import sharp from 'sharp';
import type { Pixels } from '../../../core/conversion.ts';
import { HEAD_BYTES } from '../sniff.ts';
import { descriptionsIn, inspect } from './inspect.ts';
import { inSrgb } from './color/in-srgb.ts';
import type { ImageLimits } from './limits.ts';
import type { Opened, Wanted } from './opened.ts';
import { ofDecoded } from './raw.ts';
import { openTiff } from './tiff/open-tiff.ts';

/** Formats that sharp reads. `image/heif` is AVIF with the brand `mif1`, or HEIC: the header tells which. */
const SHARP_TYPES: ReadonlySet<string> = new Set([
  'image/jpeg',
  'image/png',
  'image/webp',
  'image/avif',
  'image/heif',
  'image/gif',
]);

/** TIFF, and camera RAW that is a TIFF. */
const TIFF_TYPES: ReadonlySet<string> = new Set([
  'image/tiff',
  'image/x-canon-cr2',
  'image/x-nikon-nef',
  'image/x-sony-arw',
  'image/x-adobe-dng',
]);

/**
 * Reads the header of an image, or decodes all of it if sharp does not support its format.
 * @param contentType as sniffed
 * @throws Rejected
 */
export async function openImage(
  bytes: Uint8Array,
  contentType: string | undefined,
  limits: ImageLimits,
  wanted: Wanted,
): Promise<Opened> {
  const { page, animated } = wanted;
  if (contentType === 'image/apng') {
    const { asWebp } = await import('./apng/as-webp.ts');
    const image = await asWebp(bytes, animated, limits, { sharp, inspect, inSrgb, ofDecoded });
    const inspected = { ...(await inspect(image, limits)), kept: 'png' as const };
    return { image, inspected: { ...inspected, ...(await descriptionsIn(bytes)) } };
  }
  if (contentType !== undefined && SHARP_TYPES.has(contentType) && !isHeic(contentType, bytes))
    return openBySharp(await readable(bytes, contentType), limits, animated);
  if (contentType !== undefined && TIFF_TYPES.has(contentType))
    return openTiff(bytes, contentType, limits, page);
  // Loaded when they are needed: most deployments never use the other decoders.
  const { decodeOther } = await import('./decode-other.ts');
  const { image, ...decoded } = await decodeOther(bytes, contentType, limits, wanted);
  const opened = image instanceof Uint8Array ? await openBySharp(image, limits) : ofPixels(image);
  return { ...opened, inspected: { ...opened.inspected, ...decoded, ...(await descriptionsIn(bytes)) } };
}

/** Returns an image as libvips shows it the way browsers do. */
async function readable(bytes: Uint8Array, contentType: string): Promise<Uint8Array> {
  if (contentType === 'image/avif') return (await import('./avif-still.ts')).stillOf(bytes);
  if (contentType !== 'image/gif') return bytes;
  const { withoutBackground } = await import('./gif/without-background.ts');
  return withoutBackground(bytes);
}

async function openBySharp(image: Uint8Array, limits: ImageLimits, animated?: boolean): Promise<Opened> {
  return { image, inspected: await inspect(image, limits, animated) };
}

/** Returns whether a file with the brand `mif1` contains an HEVC item. */
function isHeic(contentType: string, bytes: Uint8Array): boolean {
  return contentType === 'image/heif' && Buffer.from(bytes.subarray(0, HEAD_BYTES)).includes('hvc1');
}

/** Returns pixels as an opened image. Renditions with the format `source` become PNG. */
export function ofPixels(pixels: Pixels): Opened {
  const { width, height } = pixels;
  return { image: pixels, inspected: { format: 'png', size: { width, height }, frames: 1 } };
}
