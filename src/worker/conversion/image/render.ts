import sharp, { type Sharp, type SharpOptions } from 'sharp';
import { defined } from '../../../core/defined.ts';
import { notForKept } from '../../../core/keep-smaller.ts';
import type { Rendition } from '../../../core/rendition.ts';
import { backgroundOf, checkSize, formatOf, isAnimated } from './encode.ts';
import { translateSharpError } from './errors.ts';
import { trimmed } from './frame.ts';
import { inSrgb } from './color/in-srgb.ts';
import { geometryOf, neededSize, type Size } from '../../../core/geometry.ts';
import type { Inspected } from './inspect.ts';
import { secondsLeft, type ImageLimits } from './limits.ts';
import type { Pixels } from '../../../core/conversion.ts';
import { decoded, ofDecoded, type Open } from './raw.ts';
import { keptFrom } from './metadata/kept-from.ts';
import { release } from '../../release.ts';
import { renderOne, type ImageResult, type Plan } from './render-one.ts';
import { placeholderIn } from './placeholder-in.ts';

/**
 * Makes all renditions from one decode where possible: decodes the source once, to the size of the largest rendition,
 * and makes the others from those pixels. For JPEG, this takes three quarters of the CPU time (B5 in
 * docs/performance.md).
 * @param renditions either all keep the profile of the source, or none does
 */
export async function render(
  source: Uint8Array | Pixels,
  inspected: Inspected,
  renditions: readonly Rendition[],
  limits: ImageLimits,
  stamp: string,
): Promise<ImageResult[]> {
  const { previewOf, size } = inspected;
  // Few uploads are camera RAW.
  if (previewOf !== undefined)
    (await import('./camera-raw/preview-size.ts')).checkPreview(previewOf, size, renditions);
  const limited = (image: Sharp) => image.timeout({ seconds: secondsLeft(limits) });
  // Fail at the decoder's first warning: a half-grey photo must not become a result.
  const { failOn = 'warning' } = inspected;
  const options: SharpOptions = { limitInputPixels: limits.pixels, failOn };
  const open = (of: Uint8Array | Pixels, animated: boolean) =>
    limited(
      of instanceof Uint8Array
        ? sharp(of, { ...options, animated }).autoOrient()
        : sharp(of.data, { ...options, raw: of }),
    );
  try {
    const { fromSource, profile } = await opener(source, inspected, renditions, open);
    const firstFrame = () => fromSource(false);
    // A page of a PDF can be drawn larger than its original size.
    const decodedSize = source instanceof Uint8Array ? size : source;
    const plans = await plansOf(renditions, inspected, decodedSize, firstFrame, limited);
    const stills = plans.filter(({ animated, own }) => !animated && own === undefined);
    const shared =
      stills.length > 1 ? await decodeOnce(stills, inspected, decodedSize, firstFrame) : undefined;
    const openStill = shared === undefined ? firstFrame : () => limited(ofDecoded(shared));
    const unchanged = async (plan: Plan, packet: string) => {
      const { rendition, format } = plan;
      const isWanted = rendition.keepSmaller === true && notForKept(rendition, format).length === 0;
      if (!isWanted || !(source instanceof Uint8Array)) return undefined;
      const { keptSource } = await import('./keep/kept-source.ts');
      return keptSource(source, inspected, plan, packet, (of) => open(of, false));
    };
    const results: ImageResult[] = [];
    for (const plan of plans) {
      // An animation's frames are stacked in one tall image, which `fill` from raw pixels would mix up.
      const animation = plan.animated ? () => fromSource(true) : undefined;
      const sources = {
        open: animation ?? plan.own ?? openStill,
        firstFrame,
        limited,
        unchanged,
      };
      const kept = await keptFrom(inspected, plan.rendition);
      const made = await renderOne({ ...plan, ...defined({ kept, profile }) }, sources, stamp);
      const placeholder = await placeholderIn(made.body, plan.rendition, limited);
      results.push({ ...made, metadata: { ...made.metadata, ...placeholder } });
    }
    if (shared !== undefined) release(shared.data);
    return results;
  } catch (error) {
    throw await translateSharpError(error);
  }
}

/** Returns how to open a source: in sRGB or, for renditions that keep it, in the color space of its profile. */
async function opener(
  source: Uint8Array | Pixels,
  inspected: Inspected,
  renditions: readonly Rendition[],
  open: (of: Uint8Array | Pixels, animated: boolean) => Sharp,
): Promise<{ fromSource: (animated: boolean) => Sharp; profile?: Uint8Array }> {
  if (!(source instanceof Uint8Array)) return { fromSource: () => open(source, false) };
  const size = atMost(inspected.size, neededSize(inspected.size, renditions));
  if (inspected.hasProfile === true && keepsIcc(renditions[0])) {
    const fromSource = await inSrgb(source, inspected, size, open, true);
    const { keptProfile } = await import('./color/kept-profile.ts');
    const profile = await keptProfile(fromSource(false), (file) => open(file, false));
    if (profile !== undefined) return { fromSource, profile };
  }
  return { fromSource: await inSrgb(source, inspected, size, open) };
}

export function keepsIcc(rendition: Rendition | undefined): boolean {
  return rendition?.icc === 'keep';
}

async function plansOf(
  renditions: readonly Rendition[],
  inspected: Inspected,
  decodedSize: Size,
  open: Open,
  limited: (image: Sharp) => Sharp,
): Promise<Plan[]> {
  const { size } = inspected;
  /** What is left without the border has a size at the original's scale, whatever the other renditions need. */
  const atOriginal = ({ width, height }: Size): Size => ({
    width: Math.max(1, Math.round((width * size.width) / decodedSize.width)),
    height: Math.max(1, Math.round((height * size.height) / decodedSize.height)),
  });
  /** Decoded and trimmed images, by the trim's threshold. */
  const borderless = new Map<number, Pixels>();
  const plans: Plan[] = [];
  for (const rendition of renditions) {
    const { rotate, trim } = rendition;
    if (trim === undefined) {
      const plan = planOf(rendition, inspected, size);
      // Shared pixels are not rotated.
      plans.push(rotate === undefined ? plan : { ...plan, own: open });
      continue;
    }
    const pixels = borderless.get(trim) ?? (await trimmed(open(), trim));
    borderless.set(trim, pixels);
    plans.push({
      ...planOf(rendition, inspected, atOriginal(pixels)),
      own: () => limited(ofDecoded(pixels)),
    });
  }
  return plans;
}

/** @param original width and height of the image that the rendition is made from */
function planOf(
  rendition: Rendition,
  { format: found, kept = found, frames }: Inspected,
  original: Size,
): Plan {
  const format = formatOf(rendition, kept);
  const geometry = geometryOf(original, rendition);
  const animated = frames > 1 && isAnimated(rendition, kept);
  checkSize(format, geometry.size);
  const background = backgroundOf(rendition, format);
  return { rendition, format, geometry, animated, original, background };
}

/** Decodes the pixels, in sRGB, from which every still rendition can be made by shrinking. */
async function decodeOnce(plans: Plan[], inspected: Inspected, most: Size, open: Open): Promise<Pixels> {
  const renditions = plans.map(({ rendition }) => rendition);
  const size = atMost(most, neededSize(inspected.size, renditions));
  return decoded(open().resize({ ...size, fit: 'fill' }));
}

function atMost(most: Size, { width, height }: Size): Size {
  return { width: Math.min(most.width, width), height: Math.min(most.height, height) };
}
