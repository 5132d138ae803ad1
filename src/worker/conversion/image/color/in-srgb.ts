import type { Sharp } from 'sharp';
import type { Pixels } from '../../../../core/conversion.ts';
import type { Size } from '../../../../core/geometry.ts';
import type { Inspected } from '../inspect.ts';
import type { Described } from './described.ts';
import { pngHeader } from './png-chunks.ts';

/**
 * Returns what opens a source so that its colors become sRGB, whichever way it tells them (docs/adr/0035). A source
 * that is in sRGB, or in 8 bits with an ICC profile, is opened as it is.
 * @param size of the largest still to be made, at most that of the source
 * @param open opens bytes or pixels with the conversion's limits, upright
 */
export async function inSrgb(
  source: Uint8Array,
  inspected: Inspected,
  size: Size,
  open: (of: Uint8Array | Pixels, animated: boolean) => Sharp,
): Promise<(animated: boolean) => Sharp> {
  const { image, hasProfile } = await described(source, inspected, size, (of) => open(of, false));
  const isDeep = (space: string) => inspected.space === space && hasProfile;
  // With more than 8 bits, sharp converts from the profile to Display P3, and needs to be told to go on to sRGB.
  if (isDeep('rgb16')) return (animated) => toSrgb(open(image, animated));
  // Of grey with more than 8 bits, it does not use the profile unless the result is grey too.
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
 * Replaces what describes the colors with an ICC profile, which is all that libvips reads, and what no profile can
 * describe with pixels in sRGB.
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
