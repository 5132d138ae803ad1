import type { Sharp } from 'sharp';
import { avifColors, type AvifColors } from './avif-colors.ts';
import { rgbProfile } from './icc-profile.ts';
import { withIccp } from './png.ts';
import { SRGB } from './rgb-space.ts';
import type { Inspected } from '../inspect.ts';

/**
 * Returns a PNG of what an AVIF shows, with an ICC profile of the colors that its code points name, or the AVIF itself
 * if libvips shows its colors as they are.
 * @param open opens the AVIF, upright
 */
export async function asDescribed(
  avif: Uint8Array,
  { space: ofPixels, hasProfile = false }: Inspected,
  open: (bytes: Uint8Array) => Sharp,
): Promise<Uint8Array> {
  const { space = SRGB, limited } = avifColors(avif);
  // A profile counts before code points, as in Chromium.
  const needsNone = hasProfile || space === SRGB;
  if (needsNone && !limited.grey && !limited.alpha) return avif;
  const isDeep = ofPixels === 'rgb16';
  // With its own profile kept, sharp leaves the values as they are.
  const image = expanded(open(avif).keepIccProfile(), limited, isDeep);
  const png = await (isDeep ? image.toColourspace('rgb16') : image).png({ compressionLevel: 0 }).toBuffer();
  return hasProfile ? png : withIccp(png, rgbProfile(space));
}

/** Of 8 bits. libvips shifts those of 10 and 12 bits up to 16, so that their black and white have the same parts of it. */
const BLACK = 16;
const RANGE = 219;

/** Expands planes from limited to full range, in which black is 0. */
function expanded(image: Sharp, { grey, alpha }: AvifColors['limited'], isDeep: boolean): Sharp {
  if (!grey && !alpha) return image;
  const full = isDeep ? 65_535 : 255;
  const unit = isDeep ? 256 : 1;
  const scale = full / (RANGE * unit);
  const [color, opacity] = [grey ? scale : 1, alpha ? scale : 1];
  // libvips cuts the fraction off.
  const shift = (by: number) => (by === 1 ? 0 : 0.5 - BLACK * unit * by);
  const scales = [color, color, color];
  const shifts = scales.map(shift);
  return alpha
    ? image.linear([...scales, opacity], [...shifts, shift(opacity)])
    : image.linear(scales, shifts);
}
