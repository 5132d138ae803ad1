import sharp, { type Sharp } from 'sharp';
import { translateSharpError } from '../errors.ts';
import { inspect } from '../inspect.ts';
import { secondsLeft, type ImageLimits } from '../limits.ts';
import type { Opened } from '../opened.ts';
import { decoded } from '../raw.ts';
import type { TiffPlan } from './plan.ts';

/**
 * Reads the header of a TIFF or, for camera RAW, of its preview.
 * @param contentType as sniffed: TIFF, or camera RAW that is a TIFF
 * @param page from 1
 * @throws Rejected `image.unsupported_format` that names what the TIFF holds if libvips cannot read it, or reads it
 * wrongly; `image.no_such_page`
 */
export async function openTiff(
  bytes: Uint8Array,
  contentType: string,
  limits: ImageLimits,
  page: number,
): Promise<Opened> {
  const { planTiff } = await import('./plan.ts');
  const plan = await planTiff(bytes, contentType, page, limits, (packed, space, failOn) =>
    translated(() => opened(packed, failOn, limits).toColourspace(space).raw().toBuffer()),
  );
  if ('jpeg' in plan) {
    const { jpeg, ...rest } = plan;
    // The metadata is that of the source, not of the JPEG in it.
    const { xmp: _xmp, iptc: _iptc, ...inspected } = await inspect(jpeg, limits);
    return { image: jpeg, inspected: { ...inspected, exif: bytes, ...rest } };
  }
  const { tiff, readable, failOn, keep } = plan;
  const inspected = { ...(await inspect(readable, limits)), exif: tiff, failOn, page };
  if (keep === undefined) return { image: readable, inspected };
  // Drops channels that are neither color nor alpha: resizing would premultiply the colors by them.
  const pixels = await translated(() => decoded(opened(readable, failOn, limits).autoOrient()));
  return { image: { ...pixels, ...keep(pixels.data, pixels.channels) }, inspected };
}

/** Opens a TIFF whose size was checked. */
function opened(tiff: Uint8Array, failOn: TiffPlan['failOn'], limits: ImageLimits): Sharp {
  return sharp(tiff, { limitInputPixels: false, failOn }).timeout({ seconds: secondsLeft(limits) });
}

async function translated<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw await translateSharpError(error);
  }
}
