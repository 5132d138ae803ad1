import sharp from 'sharp';
import type { Pixels } from '../../../../core/conversion.ts';
import type { Limits } from '../../../../core/recipe.ts';
import { translateSharpError } from '../errors.ts';
import { inspect } from '../inspect.ts';
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
  limits: Limits,
  page: number,
): Promise<Opened> {
  const { planTiff } = await import('./plan.ts');
  const plan = planTiff(bytes, contentType, page);
  if ('preview' in plan) {
    const { preview, previewOf } = plan;
    return { image: preview, inspected: { ...(await inspect(preview, limits)), exif: bytes, previewOf } };
  }
  const { tiff, failOn, keep } = plan;
  const inspected = { ...(await inspect(tiff, limits)), exif: tiff, failOn, page };
  if (keep === undefined) return { image: tiff, inspected };
  return { image: await decode(tiff, limits, { failOn, keep }), inspected };
}

/** Decodes to sRGB, without channels that are neither color nor alpha. Resizing would multiply the colors by them. */
async function decode(
  bytes: Uint8Array,
  limits: Limits,
  { failOn, keep }: Pick<TiffPlan, 'failOn'> & { keep: NonNullable<TiffPlan['keep']> },
): Promise<Pixels> {
  try {
    const image = sharp(bytes, { limitInputPixels: limits.pixels, failOn })
      .autoOrient()
      .timeout({ seconds: limits.seconds });
    const { data, channels, ...size } = await decoded(image);
    return { ...size, ...keep(data, channels) };
  } catch (error) {
    throw await translateSharpError(error);
  }
}
