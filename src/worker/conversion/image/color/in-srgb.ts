import type { Sharp } from 'sharp';
import type { Pixels } from '../../../../core/conversion.ts';
import type { Size } from '../../../../core/geometry.ts';
import type { Inspected } from '../inspect.ts';
import type { Described } from './described.ts';
import { pngHeader } from './png-chunks.ts';

/**
 * Returns a function that opens a source in such a way that its colors become sRGB, however the source describes them
 * (docs/adr/0035). A source in sRGB, or with 8 bits and an ICC profile, is opened as it is.
 * @param size of the largest still to be made, at most that of the source
 * @param open opens bytes or pixels with the conversion's limits, upright
 * @param keepsProfile whether to leave the colors in the space of their profile
 */
export async function inSrgb(
  source: Uint8Array,
  inspected: Inspected,
  size: Size,
  open: (of: Uint8Array | Pixels, animated: boolean) => Sharp,
  keepsProfile = false,
): Promise<(animated: boolean) => Sharp> {
  const { image, hasProfile } = await described(source, inspected, size, (of) => open(of, false));
  if (keepsProfile) return (animated) => open(image, animated).keepIccProfile();
  const isDeep = (space: string) => inspected.space === space && hasProfile;
  // With more than 8 bits, sharp converts from the profile to Display P3, and must be told to convert to sRGB.
  if (isDeep('rgb16')) return (animated) => toSrgb(open(image, animated));
  // For grey with more than 8 bits, sharp uses the profile only if the result is grey too.
  if (isDeep('grey16')) {
    const converted = await toSrgb(open(image, false).toColourspace('grey16'))
      .png({ compressionLevel: 0 })
      .toBuffer();
    return (animated) => open(converted, animated);
  }
  return (animated) => open(image, animated);
}

function toSrgb(image: Sharp): Sharp {
  return image.withIccProfile('srgb', { attach: false });
}

/**
 * Replaces a description of colors with an ICC profile, the only description that libvips reads. If no profile can
 * describe them, replaces the pixels with pixels in sRGB.
 */
async function described(
  source: Uint8Array,
  inspected: Inspected,
  size: Size,
  open: (bytes: Uint8Array) => Sharp,
): Promise<Described> {
  const { format, space, hasProfile = false } = inspected;
  if (space === 'cmyk' && !hasProfile) {
    const { withoutInks } = await import('./cmyk.ts');
    return { image: await withoutInks(open(source), size), hasProfile };
  }
  if (format === 'avif') return (await import('./avif.ts')).described(source, inspected, size, open);
  if (format === 'png' && tellsByChunks(source))
    return (await import('./png.ts')).described(source, inspected, size, open);
  return { image: source, hasProfile };
}

function tellsByChunks(png: Uint8Array): boolean {
  return pngHeader(png).chunks.some(({ type }) => type === 'cICP' || type === 'gAMA');
}
