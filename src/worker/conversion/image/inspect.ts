import type { Metadata } from 'sharp';
import sharp from 'sharp';
import { Rejected } from '../../../core/errors.ts';
import type { Limits } from '../../../core/recipe.ts';
import { checkPixels, grouped } from './check-pixels.ts';
import { translateSharpError } from './errors.ts';
import type { Size } from '../../../core/geometry.ts';

export type SourceFormat = 'jpeg' | 'png' | 'webp' | 'avif' | 'gif' | 'tiff';

/** What the header of an image says; nothing was decoded. */
export interface Inspected {
  format: SourceFormat;
  /** The format of renditions that keep the source's, if it is another. */
  kept?: SourceFormat;
  /** Of one frame, upright. */
  size: Size;
  frames: number;
  /** Its color space as libvips names it, such as `rgb16`. */
  space?: string;
  /** Whether it has an ICC profile. */
  hasProfile?: boolean;
  /** What of a decoder ends the conversion. Default: its warnings too. */
  failOn?: 'warning' | 'error';
}

const FORMATS: Readonly<Record<string, SourceFormat>> = {
  jpeg: 'jpeg',
  png: 'png',
  webp: 'webp',
  heif: 'avif',
  gif: 'gif',
  tiff: 'tiff',
};

/**
 * Reads the header and holds it against the limits, so that a bomb is refused before a pixel of it exists.
 * @throws Rejected
 */
export async function inspect(source: Uint8Array, limits: Limits): Promise<Inspected> {
  let metadata: Metadata;
  try {
    // The limit of sharp itself is checked on decoding; here it would hide the numbers for the message.
    metadata = await sharp(source, { limitInputPixels: false }).metadata();
  } catch (error) {
    throw translateSharpError(error);
  }
  const format = FORMATS[metadata.format];
  if (format === undefined || (format === 'avif' && metadata.compression !== 'av1')) {
    const found = metadata.compression === 'hevc' ? 'HEIC (HEVC)' : metadata.format;
    throw new Rejected('image.unsupported_format', `the image is ${found}, which is not converted`);
  }
  // The frames of an animation are decoded together. Of a TIFF, only the first page is read.
  const decoded = isAnimation(format) ? (metadata.pages ?? 1) : 1;
  if (decoded > limits.pages) {
    throw new Rejected(
      'image.too_many_pages',
      `the image has ${grouped(decoded)} frames; the recipe allows ${grouped(limits.pages)}`,
    );
  }
  const { width, height } = metadata.autoOrient;
  checkPixels({ width, height }, decoded, limits);
  const { space, hasProfile } = metadata;
  return { format, size: { width, height }, frames: decoded, space, hasProfile };
}

function isAnimation(format: SourceFormat): boolean {
  return format === 'gif' || format === 'webp';
}
