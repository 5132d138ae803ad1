import type { Sharp } from 'sharp';
import type { Size } from '../../../../core/geometry.ts';
import { avifColors, type AvifColors } from './avif-colors.ts';
import type { Described } from './described.ts';
import { withoutHdr } from './hdr.ts';
import { rgbProfile } from './icc-profile.ts';
import { withIccp } from './png.ts';
import { SRGB } from './rgb-space.ts';
import type { Inspected } from '../inspect.ts';

/**
 * Returns the AVIF itself if libvips shows its colors right, and otherwise a PNG: with an ICC profile for the colors that
 * the AVIF's code points name or, for HDR, with its pixels in sRGB.
 * @param size that an HDR picture needs at most
 * @param open opens the AVIF, upright
 */
export async function described(
  avif: Uint8Array,
  { space: ofPixels, hasProfile = false }: Inspected,
  size: Size,
  open: (bytes: Uint8Array) => Sharp,
): Promise<Described> {
  const { space = SRGB, hdr, limited } = avifColors(avif);
  const isDeep = ofPixels === 'rgb16';
  // A profile takes precedence over code points, as in Chromium.
  if (hdr !== undefined && !hasProfile) {
    const image = await withoutHdr(expanded(open(avif), limited, isDeep), hdr, size, isDeep);
    return { image, hasProfile: false };
  }
  const needsNone = hasProfile || space === SRGB;
  if (needsNone && !limited.grey && !limited.alpha) return { image: avif, hasProfile };
  // If the profile is kept, sharp does not change the values.
  const image = expanded(open(avif).keepIccProfile(), limited, isDeep);
  const png = await (isDeep ? image.toColourspace('rgb16') : image).png({ compressionLevel: 0 }).toBuffer();
  return { image: hasProfile ? png : withIccp(png, rgbProfile(space)), hasProfile: true };
}

/** For 8 bits. libvips shifts 10 and 12 bits up to 16, where black and white are the same share of the maximum. */
const BLACK = 16;
const RANGE = 219;

/** Expands planes from limited to full range, in which black is 0. */
function expanded(image: Sharp, { grey, alpha }: AvifColors['limited'], isDeep: boolean): Sharp {
  if (!grey && !alpha) return image;
  const full = isDeep ? 65_535 : 255;
  const unit = isDeep ? 256 : 1;
  const scale = full / (RANGE * unit);
  const [color, opacity] = [grey ? scale : 1, alpha ? scale : 1];
  // libvips truncates.
  const shift = (by: number) => (by === 1 ? 0 : 0.5 - BLACK * unit * by);
  const scales = [color, color, color];
  const shifts = scales.map(shift);
  return alpha
    ? image.linear([...scales, opacity], [...shifts, shift(opacity)])
    : image.linear(scales, shifts);
}
