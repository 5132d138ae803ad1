import type { Pixels } from '../../../core/conversion.ts';
import { Rejected } from '../../../core/errors.ts';
import type { Limits } from '../../../core/recipe.ts';
import { decodeBmp, type Bitmap } from './bmp/decode.ts';
import { largestImage } from './bmp/ico.ts';
import { formatName } from './format-names.ts';
import { formatWithoutSignature } from './without-signature.ts';
import { withProfile } from './with-profile.ts';

const EXPECTED = 'JPEG, PNG, WebP, AVIF, GIF, TIFF, BMP or ICO';

/**
 * Decodes an image in a format that sharp does not know. Imports nothing that imports sharp: the module has a file of its
 * own in the deployed worker, and would contain sharp once more.
 * @param contentType as sniffed
 * @returns a file that sharp reads, or pixels
 * @throws Rejected
 */
export function decodeOther(
  bytes: Uint8Array,
  contentType: string | undefined,
  limits: Limits,
): Uint8Array | Pixels {
  const format = formatWithoutSignature(contentType, bytes);
  if (contentType === 'image/bmp') return forSharp(decodeBmp(bytes, limits));
  if (contentType === 'image/x-icon' && format === undefined) {
    const largest = largestImage(bytes, limits);
    return largest instanceof Uint8Array ? largest : forSharp(largest);
  }
  throw new Rejected(
    'image.unsupported_format',
    `the content is ${format ?? formatName(contentType)}; expected ${EXPECTED}`,
  );
}

function forSharp({ pixels, profile }: Bitmap): Uint8Array | Pixels {
  return profile === undefined ? pixels : withProfile(pixels, profile);
}
