import type { Pixels } from '../../../core/conversion.ts';
import { Rejected } from '../../../core/errors.ts';
import type { Size } from '../../../core/geometry.ts';
import { imageFormats } from '../../../core/image-formats.ts';
import { decodeBmp, type Bitmap } from './bmp/decode.ts';
import { largestImage } from './bmp/ico.ts';
import { hdrPng } from './color/hdr-png.ts';
import { decodeHeic } from './heic/decode.ts';
import { drawPage } from './pdf/draw.ts';
import type { SourceFormat } from './inspect.ts';
import { formatName } from './format-names.ts';
import type { ImageLimits } from './limits.ts';
import type { Wanted } from './opened.ts';
import { formatWithoutSignature } from './without-signature.ts';
import { withProfile } from './with-profile.ts';

/** Input for `render`. */
export interface Decoded {
  /** A file that sharp reads, or pixels. */
  image: Uint8Array | Pixels;
  /** The format of renditions that keep the source's format. */
  kept: SourceFormat;
  /** Which page of a PDF it is, and its original size. */
  page?: number;
  size?: Size;
}

const HEIC_TYPES: ReadonlySet<string> = new Set([
  'image/heic',
  'image/heic-sequence',
  'image/heif',
  'image/heif-sequence',
]);

/**
 * Decodes an image, or draws a page, in a format that sharp does not support. Must not import anything that imports sharp: the module
 * becomes a separate file in the deployed worker, which would contain sharp a second time.
 * @param contentType as sniffed
 * @throws Rejected
 */
export async function decodeOther(
  bytes: Uint8Array,
  contentType: string | undefined,
  limits: ImageLimits,
  wanted: Wanted,
): Promise<Decoded> {
  const format = formatWithoutSignature(contentType, bytes);
  if (contentType === 'image/bmp') return { image: forSharp(decodeBmp(bytes, limits)), kept: 'png' };
  if (contentType === 'image/x-icon' && format === undefined) {
    const largest = largestImage(bytes, limits);
    return { image: largest instanceof Uint8Array ? largest : forSharp(largest), kept: 'png' };
  }
  if (contentType !== undefined && HEIC_TYPES.has(contentType)) {
    const heic = await decodeHeic(bytes, limits);
    // Phones convert their photos to JPEG, too.
    const image = heic.hdr === undefined ? forSharp(heic) : hdrPng(heic.pixels, heic.hdr);
    return { image, kept: heic.pixels.channels === 4 ? 'png' : 'jpeg' };
  }
  if (contentType === 'application/pdf') {
    const { pixels, size } = await drawPage(bytes, limits, wanted);
    return { image: pixels, kept: 'png', page: wanted.page, size };
  }
  throw new Rejected(
    'image.unsupported_format',
    `the content is ${format ?? formatName(contentType)}; expected ${imageFormats('or')}`,
  );
}

function forSharp({ pixels, profile }: Bitmap): Uint8Array | Pixels {
  return profile === undefined ? pixels : withProfile(pixels, profile);
}
