import type { Sharp } from 'sharp';
import type { Inspected } from '../inspect.ts';
import { pngHeader } from './png-chunks.ts';

/**
 * Returns what opens a source so that its colors become sRGB, whichever way it tells them (docs/adr/0035). A source
 * that is in sRGB, or in 8 bits with an ICC profile, is opened as it is.
 * @param open opens bytes with the conversion's limits, upright
 */
export async function inSrgb(
  source: Uint8Array,
  inspected: Inspected,
  open: (bytes: Uint8Array, animated: boolean) => Sharp,
): Promise<(animated: boolean) => Sharp> {
  const { space, hasProfile = false } = inspected;
  const told = await withProfile(source, inspected, (bytes) => open(bytes, false));
  const isDeep = (deep: string) => space === deep && (hasProfile || told !== source);
  // With more than 8 bits, sharp converts from the profile to Display P3, and needs to be told to go on to sRGB.
  if (isDeep('rgb16')) return (animated) => toSrgb(open(told, animated));
  // Of grey with more than 8 bits, it does not use the profile unless the result is grey too.
  if (isDeep('grey16')) {
    const converted = await toSrgb(open(told, false).toColourspace('grey16'))
      .png({ compressionLevel: 0 })
      .toBuffer();
    return (animated) => open(converted, animated);
  }
  return (animated) => open(told, animated);
}

function toSrgb(image: Sharp): Sharp {
  return image.withIccProfile('srgb', { attach: false });
}

/** Replaces what describes the colors with an ICC profile, which is all that libvips reads. */
async function withProfile(
  source: Uint8Array,
  inspected: Inspected,
  open: (bytes: Uint8Array) => Sharp,
): Promise<Uint8Array> {
  const { format } = inspected;
  if (format === 'avif') return (await import('./avif.ts')).asDescribed(source, inspected, open);
  if (format === 'png' && tellsByChunks(source)) return (await import('./png.ts')).withProfile(source);
  return source;
}

function tellsByChunks(png: Uint8Array): boolean {
  return pngHeader(png).chunks.some(({ type }) => type === 'cICP' || type === 'gAMA');
}
