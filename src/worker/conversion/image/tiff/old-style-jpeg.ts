import { jpegHeader, oriented } from '../camera-raw/jpeg-header.ts';
import { one, TAG, type Directory } from './directory.ts';

/** TIFF 6.0, section 22. */
const OLD_STYLE_JPEG = 6;
/** Grey and YCbCr: how decoders interpret a JPEG that does not state its color space. */
const PHOTOMETRICS: ReadonlySet<number> = new Set([1, 6]);
const UPRIGHT = 1;
const START_OF_SCAN = Buffer.of(0xff, 0xda);

/**
 * Returns the JPEG in a TIFF with old-style JPEG compression, turned as the TIFF says; undefined if the TIFF has its
 * tables and scans apart.
 */
export function oldStyleJpeg(bytes: Uint8Array, directory: Directory): Uint8Array | undefined {
  const value = (tag: number) => one(directory, tag, 0);
  if (value(TAG.compression) !== OLD_STYLE_JPEG || !PHOTOMETRICS.has(value(TAG.photometric)))
    return undefined;
  const offset = value(TAG.jpegOffset);
  const jpeg = bytes.subarray(offset, offset + value(TAG.jpegBytes));
  const header = jpegHeader(jpeg);
  if (header?.width !== value(TAG.width) || header.height !== value(TAG.height)) return undefined;
  if (!Buffer.from(jpeg.buffer, jpeg.byteOffset, jpeg.byteLength).includes(START_OF_SCAN)) return undefined;
  return header.orientation === undefined ? oriented(jpeg, one(directory, TAG.orientation, UPRIGHT)) : jpeg;
}
