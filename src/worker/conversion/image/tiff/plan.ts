import type { Pixels } from '../../../../core/conversion.ts';
import { Rejected } from '../../../../core/errors.ts';
import type { PreviewOf } from '../camera-raw/preview-size.ts';
import { isRaw, rawPreview } from '../camera-raw/preview.ts';
import type { ImageLimits } from '../limits.ts';
import { channelsToKeep, keepChannels } from './channels.ts';
import { noSuchPage } from '../no-such-page.ts';
import { beginningAt, firstDirectory, one, pageOffsets, TAG, type Directory } from './directory.ts';
import { oldStyleJpeg } from './old-style-jpeg.ts';
import { canBecome16Bits, with16Bits } from './sixteen-bits.ts';
import { unsupportedPart } from './support.ts';

/** How to decode a TIFF with libvips. */
export interface TiffPlan {
  /** The TIFF, beginning with the page to decode. */
  tiff: Uint8Array;
  /** The same or, if libvips cannot read its samples, a TIFF with the same picture. */
  readable: Uint8Array;
  failOn: 'warning' | 'error';
  /** Removes channels that are neither color nor alpha from its sRGB pixels; undefined if there are none. */
  keep: ((data: Uint8Array, channels: number) => Pick<Pixels, 'data' | 'channels'>) | undefined;
}

/** A JPEG in a TIFF that is converted in its place. */
export interface JpegPlan {
  jpeg: Uint8Array;
  page?: number;
  /** For camera RAW. */
  previewOf?: PreviewOf;
}

/**
 * Reads a TIFF's directories. Must not import anything that imports sharp: the module becomes a separate file in the
 * deployed worker, which would contain sharp a second time.
 * @param contentType as sniffed: TIFF, or camera RAW that is a TIFF
 * @param page from 1. The other images in camera RAW are not pages.
 * @param decompress returns the samples of a TIFF
 * @throws Rejected `image.unsupported_format` that names what the TIFF holds if libvips cannot read it, or reads it
 * wrongly; `image.no_such_page`
 */
export async function planTiff(
  bytes: Uint8Array,
  contentType: string,
  page: number,
  limits: Pick<ImageLimits, 'pixels'>,
  decompress: (tiff: Uint8Array, space: 'b-w' | 'srgb', failOn: TiffPlan['failOn']) => Promise<Uint8Array>,
): Promise<TiffPlan | JpegPlan> {
  if (isRaw(contentType, firstDirectory(bytes), bytes)) return rawPreview(bytes, contentType);
  const tiff = page === 1 ? bytes : fromPage(bytes, page);
  const directory = firstDirectory(tiff);
  const jpeg = oldStyleJpeg(tiff, directory);
  if (jpeg !== undefined) return { jpeg, page };
  if (!canBecome16Bits(directory)) return { tiff, readable: tiff, ...planOf(directory) };
  const readable = await with16Bits(tiff, directory, limits, (packed, space) =>
    decompress(packed, space, failOn(directory)),
  );
  return { tiff, readable, ...planOf(firstDirectory(readable)) };
}

function planOf(directory: Directory): Pick<TiffPlan, 'failOn' | 'keep'> {
  const part = unsupportedPart(directory);
  if (part !== undefined)
    throw new Rejected(
      'image.unsupported_format',
      `the image is a TIFF with ${part}, which is not converted`,
    );
  const kept = channelsToKeep(directory);
  return {
    failOn: failOn(directory),
    keep: kept && ((data, channels) => keepChannels(data, channels, kept)),
  };
}

function fromPage(tiff: Uint8Array, page: number): Uint8Array {
  const offsets = pageOffsets(tiff);
  const offset = offsets[page - 1];
  if (offset === undefined) throw noSuchPage(page, offsets.length);
  return beginningAt(tiff, offset);
}

/**
 * libtiff warns about slightly wrong fields, which do no harm. Its decoders for these compressions also warn about
 * damage; all others fail.
 */
const WARN_OF_DAMAGE: ReadonlySet<number> = new Set([2, 3, 4, 7, 32_771]);

function failOn(directory: Directory): TiffPlan['failOn'] {
  return WARN_OF_DAMAGE.has(one(directory, TAG.compression, 1)) ? 'warning' : 'error';
}
