import type { Sharp } from 'sharp';
import type { MadeResult, Pixels } from '../../../core/conversion.ts';
import { Rejected } from '../../../core/errors.ts';
import type { Rendition } from '../../../core/rendition.ts';
import { grouped } from './check-pixels.ts';
import { canBeLossless, contentTypeOf, encode, encodings, qualityOf, type Encoding } from './encode.ts';
import { framed, type Frame } from './frame.ts';
import type { SourceFormat } from './inspect.ts';
import type { Kept } from './metadata/kept.ts';
import { decoded, ofDecoded, openTagged, type Open } from './raw.ts';
import { stampGif, xmpStamp } from './stamp.ts';

/** Width and height of one frame, in pixels. */
export interface ImageResult extends MadeResult {
  body: Uint8Array;
  metadata: Readonly<Record<string, string>> & { width: string; height: string };
}

/** A rendition with everything that is decided before decoding. */
export interface Plan extends Frame {
  format: SourceFormat;
  /** Opens a source that only this rendition uses. */
  own?: Open;
  /** Metadata of the source. */
  kept?: Kept;
  /** The ICC profile of the source, in whose space its pixels are; undefined for sRGB. */
  profile?: Uint8Array;
}

interface Sources {
  open: Open;
  /** Opens the first frame of an animation. */
  firstFrame: Open;
  /** Limits the time of a conversion to what is left. */
  limited(image: Sharp): Sharp;
  /** Returns the source without its metadata if the rendition keeps it where that is smaller. */
  unchanged?(plan: Plan, packet: string): Promise<Uint8Array | undefined>;
}

/**
 * Makes the smallest of a rendition's encodings, which can be the source's. If it is larger than the rendition allows,
 * lowers the quality.
 * @throws Rejected when no quality is low enough
 */
export async function renderOne(
  plan: Plan,
  { open, firstFrame, limited, unchanged }: Sources,
  stamp: string,
): Promise<ImageResult> {
  const { format } = plan;
  const again = (pixels: Pixels) => () => Promise.resolve(limited(ofDecoded(pixels)));
  let frame = () => framed(open, firstFrame, plan);
  if (plan.profile !== undefined && !plan.animated) {
    // Pixels that are decoded once have no profile.
    const { tagged } = await import('./color/kept-profile.ts');
    const tiff = tagged(await decoded(await frame()), plan.profile);
    frame = () => Promise.resolve(limited(openTagged(tiff)));
  }
  const keepsFrame = plan.animated || plan.profile !== undefined;
  let pixels: Pixels | undefined;
  /** Decodes the frame, at most once. Unless it is more than its pixels, they replace it. */
  const decodeOnce = async () => {
    pixels ??= await decoded(await frame());
    if (!keepsFrame) frame = again(pixels);
    return pixels;
  };
  // sharp would also write the thumbnail in the source's EXIF data. Decoded pixels have none. Where it attaches a
  // profile, it would take the values of a source with 16 bits for those of Display P3.
  if ((plan.kept !== undefined || plan.rendition.icc === 'srgb') && !keepsFrame) await decodeOnce();
  let { rendition } = plan;
  if (rendition.lossless === 'auto' && canBeLossless(format)) {
    const { hasManyColors } = await import('./many-colors.ts');
    if (hasManyColors(await decodeOnce())) rendition = { ...rendition, lossless: false };
  }
  const [first, ...others] = encodings(rendition, format);
  let best = await encoded(await frame(), first, plan, stamp);
  for (const encoding of others) best = smaller(best, await encoded(await frame(), encoding, plan, stamp));
  const source = await unchanged?.(plan, xmpStamp(stamp));
  if (source !== undefined) best = smaller({ ...best, body: source }, best);
  const { maxBytes = Infinity } = rendition;
  const fits = ({ body }: ImageResult) => body.byteLength <= maxBytes;
  if (fits(best)) return best;

  if (!keepsFrame) await decodeOnce();
  const quality = qualityOf(rendition, format);
  // Most recipes have no `maxBytes`, and most results fit.
  const { bestThatFits, lowerQualities } = await import('./lower-quality.ts');
  const qualities = quality === undefined ? [] : lowerQualities(quality);
  const attempt = async (lower: number) => {
    const result = await encoded(
      await frame(),
      { ...rendition, lossless: false, quality: lower },
      plan,
      stamp,
    );
    best = smaller(best, result);
    return result;
  };
  const fitting = await bestThatFits(qualities, attempt, fits);
  if (fitting !== undefined) return fitting;
  const lowest = qualities[0] ?? quality;
  throw new Rejected(
    'image.too_many_bytes',
    `the rendition ${rendition.name} has ${grouped(best.body.byteLength)} bytes ` +
      `${lowest === undefined ? 'and no quality that could be lowered' : `at best, even at quality ${lowest}`}; ` +
      `its maxBytes is ${grouped(maxBytes)}`,
  );
}

async function encoded(
  image: Sharp,
  encoding: Encoding,
  { rendition, format, kept, animated }: Plan,
  stamp: string,
): Promise<ImageResult> {
  const plain = encode(inSrgb(image, rendition), encoding, format);
  const described = kept === undefined || animated ? plain : plain.withExif(kept.exif);
  const stamped = format === 'gif' ? plain : described.withXmp(xmpStamp(stamp, kept?.xmp));
  const { data, info } = await stamped.toBuffer({ resolveWithObject: true });
  return {
    rendition: rendition.name,
    body: format === 'gif' ? stampGif(data, stamp) : data,
    contentType: contentTypeOf(format),
    metadata: { width: String(info.width), height: String(info.pageHeight ?? info.height) },
  };
}

/** Values in sRGB stay as they are where sharp attaches its profile. */
function inSrgb(image: Sharp, { icc }: Rendition): Sharp {
  const converted = image.toColourspace('srgb');
  return icc === 'srgb' ? converted.withIccProfile('srgb') : converted;
}

/** Returns the smaller result, and the first if they are equal. */
function smaller(first: ImageResult, second: ImageResult): ImageResult {
  return second.body.byteLength < first.body.byteLength ? second : first;
}
