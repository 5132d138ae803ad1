import sharp, { type Sharp, type SharpOptions } from 'sharp';
import { Rejected } from '../../../core/errors.ts';
import type { Limits } from '../../../core/recipe.ts';
import type { Rendition } from '../../../core/rendition.ts';
import { canBeAnimated, checkSize, encode, formatOf, contentTypeOf } from './encode.ts';
import { TOO_SLOW, translateSharpError } from './errors.ts';
import { inSrgb } from './color/in-srgb.ts';
import { geometryOf, type Geometry, type Size } from '../../../core/geometry.ts';
import type { Inspected, SourceFormat } from './inspect.ts';
import type { MadeResult, Pixels } from '../../../core/conversion.ts';
import { stampGif, xmpStamp } from './stamp.ts';

/** Width and height of one frame, in pixels. */
export interface ImageResult extends MadeResult {
  body: Uint8Array;
  metadata: { width: string; height: string };
}

/** A rendition with all that is decided before a pixel is decoded. */
interface Plan {
  rendition: Rendition;
  format: SourceFormat;
  geometry: Geometry;
  animated: boolean;
}

/** Makes an image from the source, or from what was decoded before. */
type Open = () => Sharp;

/**
 * Renders every rendition from one decode where that is possible: the source is decoded once to the pixels of
 * the largest rendition, and the others are derived from those. That costs three quarters of the CPU for
 * JPEG (B5 in docs/performance.md).
 */
export async function render(
  source: Uint8Array | Pixels,
  inspected: Inspected,
  renditions: readonly Rendition[],
  limits: Limits,
  stamp: string,
): Promise<ImageResult[]> {
  const plans = renditions.map((rendition) => planOf(rendition, inspected));
  const deadline = performance.now() + limits.seconds * 1000;
  const limited = (image: Sharp) => {
    const seconds = Math.ceil((deadline - performance.now()) / 1000);
    // sharp takes whole seconds, and 0 for no limit.
    if (seconds <= 0) throw new Rejected('conversion.timeout', TOO_SLOW);
    return image.timeout({ seconds });
  };
  // sharp's default for failOn rejects at the first warning of a decoder: a photo that is half grey is no result.
  const options: SharpOptions = { limitInputPixels: limits.pixels };
  const openBytes = (bytes: Uint8Array, animated: boolean) =>
    limited(sharp(bytes, { ...options, animated }).autoOrient());
  try {
    const fromSource =
      source instanceof Uint8Array
        ? await inSrgb(source, inspected, openBytes)
        : () => limited(sharp(source.data, { ...options, raw: source }));
    const stills = plans.filter(({ animated }) => !animated);
    const openStill =
      stills.length > 1
        ? await decodeOnce(stills, inspected.size, () => fromSource(false), limited)
        : () => fromSource(false);
    const results: ImageResult[] = [];
    for (const plan of plans) {
      // Frames of an animation lie below each other in one tall image, which `fill` from raw pixels would mix up.
      results.push(await renderOne(plan, plan.animated ? () => fromSource(true) : openStill, stamp));
    }
    return results;
  } catch (error) {
    throw translateSharpError(error);
  }
}

function planOf(rendition: Rendition, { format: found, kept = found, size, frames }: Inspected): Plan {
  const format = formatOf(rendition, kept);
  const geometry = geometryOf(size, rendition);
  const animated = frames > 1 && canBeAnimated(format);
  checkSize(format, geometry.size);
  return { rendition, format, geometry, animated };
}

/** The pixels from which every still rendition can be made by shrinking, in sRGB. */
async function decodeOnce(
  plans: Plan[],
  original: Size,
  open: Open,
  limited: (image: Sharp) => Sharp,
): Promise<Open> {
  const width = Math.min(original.width, Math.max(...plans.map(({ geometry }) => geometry.scaled.width)));
  const height = Math.min(original.height, Math.max(...plans.map(({ geometry }) => geometry.scaled.height)));
  const { data, info } = await open()
    .resize({ width, height, fit: 'fill' })
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true });
  const raw = { width: info.width, height: info.height, channels: info.channels };
  return () => limited(sharp(data, { raw, limitInputPixels: false }));
}

async function renderOne(
  { rendition, format, geometry, animated }: Plan,
  open: Open,
  stamp: string,
): Promise<ImageResult> {
  const { scaled, size } = geometry;
  let image = open().resize({ ...scaled, fit: 'fill' });
  if (scaled.width !== size.width || scaled.height !== size.height)
    image = cropped(image, geometry, animated);
  image = encode(image.toColourspace('srgb'), rendition, format);
  if (format !== 'gif') image = image.withXmp(xmpStamp(stamp));
  const { data, info } = await image.toBuffer({ resolveWithObject: true });
  return {
    rendition: rendition.name,
    body: format === 'gif' ? stampGif(data, stamp) : data,
    contentType: contentTypeOf(format),
    metadata: { width: String(info.width), height: String(info.pageHeight ?? info.height) },
  };
}

/** Cuts the middle out. Of an animation every frame is cut, which sharp's `cover` knows how to do. */
function cropped(image: Sharp, { scaled, size }: Geometry, animated: boolean): Sharp {
  if (animated) return image.resize({ ...size, fit: 'cover' });
  const left = Math.floor((scaled.width - size.width) / 2);
  const top = Math.floor((scaled.height - size.height) / 2);
  return image.extract({ left, top, ...size });
}
