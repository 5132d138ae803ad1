import type { Metadata } from 'sharp';
import sharp from 'sharp';
import { defined } from '../../../core/defined.ts';
import { Rejected } from '../../../core/errors.ts';
import { checkFrames } from './check-pixels.ts';
import { translateSharpError } from './errors.ts';
import type { Size } from '../../../core/geometry.ts';
import type { PreviewOf } from './camera-raw/preview-size.ts';
import type { ImageLimits } from './limits.ts';

export type SourceFormat = 'jpeg' | 'png' | 'webp' | 'avif' | 'gif' | 'tiff';

/** The contents of an image's header. */
export interface Inspected {
  format: SourceFormat;
  /** The format of renditions that keep the source's format, if it differs. */
  kept?: SourceFormat;
  /** Size of one frame, upright. A page of a PDF is drawn at another size. */
  size: Size;
  /** 1 if only the first is needed. */
  frames: number;
  /** Which page of a TIFF or PDF it is, from 1. */
  page?: number;
  /** Its color space as libvips names it, such as `rgb16`. */
  space?: string;
  /** Whether it has an ICC profile. */
  hasProfile?: boolean;
  /** The severity at which a decoder's message fails the conversion. Default: warning. */
  failOn?: 'warning' | 'error';
  /** Its EXIF data: a TIFF without pixels or, if the source is a TIFF, the source itself. */
  exif?: Uint8Array;
  /** Its XMP packet. */
  xmp?: Uint8Array;
  /** Its IPTC data, alone or among the resources of Photoshop. */
  iptc?: Uint8Array;
  /** What it is a preview of, if it is one. */
  previewOf?: PreviewOf;
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
 * Reads the header and checks it against the limits, so that a decompression bomb is refused before it is decoded.
 * @param animated whether frames after the first are needed. If not, they do not count.
 * @throws Rejected
 */
export async function inspect(
  source: Uint8Array,
  limits: Omit<ImageLimits, 'deadline'>,
  animated = true,
): Promise<Inspected> {
  let metadata: Metadata;
  try {
    // sharp's own limit applies when decoding. Here it would hide the numbers that the message needs.
    metadata = await sharp(source, { limitInputPixels: false }).metadata();
  } catch (error) {
    throw await translateSharpError(error);
  }
  const format = FORMATS[metadata.format];
  if (format === undefined || (format === 'avif' && metadata.compression !== 'av1')) {
    const found = metadata.compression === 'hevc' ? 'HEIC (HEVC)' : metadata.format;
    throw new Rejected('image.unsupported_format', `the image is ${found}, which is not converted`);
  }
  // An animation's frames are decoded together. Of a TIFF, one page is read.
  const frames = animated && isAnimation(format) ? (metadata.pages ?? 1) : 1;
  const { width, height } = metadata.autoOrient;
  checkFrames({ width, height }, frames, limits);
  const { space, hasProfile } = metadata;
  return { format, size: { width, height }, frames, space, hasProfile, ...descriptions(metadata) };
}

type Descriptions = Pick<Inspected, 'exif' | 'xmp' | 'iptc'>;

function descriptions({ exif, xmp, iptc }: Metadata): Descriptions {
  return defined({ exif, xmp, iptc });
}

/** Returns the metadata of a HEIC: libvips reads its header, but not its pixels. */
export async function descriptionsIn(image: Uint8Array): Promise<Descriptions> {
  try {
    return descriptions(await sharp(image, { limitInputPixels: false }).metadata());
  } catch {
    return {};
  }
}

function isAnimation(format: SourceFormat): boolean {
  return format === 'gif' || format === 'webp';
}
