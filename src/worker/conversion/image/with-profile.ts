import type { Pixels } from '../../../core/conversion.ts';
import { uncompressedTiff } from './uncompressed-tiff.ts';

/** Returns pixels and their ICC profile as an uncompressed TIFF: sharp accepts no profile for raw pixels. */
export function withProfile(pixels: Pixels, profile: Uint8Array): Buffer {
  return uncompressedTiff({ ...pixels, bits: 8, profile }, (samples) => samples.set(pixels.data));
}
