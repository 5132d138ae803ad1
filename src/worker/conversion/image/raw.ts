import sharp, { type Sharp } from 'sharp';
import type { Pixels } from '../../../core/conversion.ts';

/** Opens the source, or pixels that were already decoded. */
export type Open = () => Sharp;

/** Decodes an image to its pixels in sRGB. */
export async function decoded(image: Sharp): Promise<Pixels> {
  const { data, info } = await image.toColourspace('srgb').raw().toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height, channels: info.channels as Pixels['channels'] };
}

/** @param pageHeight of a frame, if the pixels are those of an animation, one frame below another */
export function ofDecoded({ data, width, height, channels }: Pixels, pageHeight?: number): Sharp {
  return sharp(data, { raw: { width, height, channels, pageHeight }, limitInputPixels: false });
}

/** Opens a file of decoded pixels, whose profile goes into the result. */
export function openTagged(file: Uint8Array): Sharp {
  return sharp(file, { limitInputPixels: false }).keepIccProfile();
}
