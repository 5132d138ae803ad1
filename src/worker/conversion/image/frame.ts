import sharp, { type OverlayOptions, type ResizeOptions, type Sharp } from 'sharp';
import type { Pixels } from '../../../core/conversion.ts';
import { isStrategy, type Strategy } from '../../../core/framing.ts';
import { offsetOf, type Geometry, type Offset, type Size } from '../../../core/geometry.ts';
import { Retryable } from '../../../core/errors.ts';
import type { Rendition } from '../../../core/rendition.ts';
import type { Watermark } from '../../../core/watermark.ts';
import { decoded } from './raw.ts';

/** The changes to an image before it is encoded. */
export interface Frame {
  rendition: Rendition;
  geometry: Geometry;
  animated: boolean;
  /** Width and height before scaling. */
  original: Size;
  /** The color around the image and behind its transparent parts; undefined to leave them transparent. */
  background: string | undefined;
}

/**
 * Turns, scales, crops, extends, sharpens and puts the watermark over it.
 * @param open opens the source
 * @param firstFrame opens the first frame of an animation
 */
export async function framed(open: () => Sharp, firstFrame: () => Sharp, frame: Frame): Promise<Sharp> {
  const { rendition, geometry, animated, original, background } = frame;
  const { scaled, size } = geometry;
  const { position, rotate, sharpen, watermark } = rendition;
  let image = turned(open(), rotate);
  if (background !== undefined) image = image.flatten({ background });
  if (isSame(scaled, size)) image = image.resize({ ...scaled, fit: 'fill' });
  else if (rendition.fit === 'contain')
    image = extended(
      image.resize({ ...scaled, fit: 'fill' }),
      geometry,
      offsetOf(geometry, position),
      background,
    );
  else if (isStrategy(position) && !animated) image = image.resize(found(size, position));
  else {
    const offset = isStrategy(position)
      ? await foundIn(firstFrame(), geometry, position)
      : offsetOf(geometry, position);
    image = image.resize({ ...scaled, fit: 'fill' }).extract({ ...offset, ...size });
  }
  // Only shrinking makes an image less sharp.
  if (sharpen !== undefined && scaled.width * scaled.height < original.width * original.height)
    image = image.sharpen({ sigma: sharpen });
  if (watermark === undefined) return image;
  const overlay = await overlaid(watermark, size, animated);
  const isExtended = rendition.fit === 'contain' && !isSame(scaled, size);
  const isOpaque = background !== undefined || (!isExtended && !(await image.metadata()).hasAlpha);
  // It adds an alpha channel.
  image = image.composite([overlay]);
  return isOpaque ? image.removeAlpha() : image;
}

/** @throws Retryable if the watermark cannot be decoded: the upload is not to blame */
async function overlaid(watermark: Watermark, size: Size, animated: boolean): Promise<OverlayOptions> {
  // Few recipes have a watermark.
  const { overlayOf } = await import('./watermark.ts');
  try {
    return await overlayOf(sharp, watermark, size, animated);
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new Retryable('internal.unexpected', `the watermark cannot be used: ${message}`, { cause });
  }
}

/** Removes an image's border, whose color is that of the top left pixel. Returns pixels in sRGB. */
export function trimmed(image: Sharp, threshold: number): Promise<Pixels> {
  return decoded(image.trim({ threshold }));
}

function turned(image: Sharp, rotate: number | undefined): Sharp {
  return rotate === undefined ? image : image.rotate(rotate);
}

function extended(
  image: Sharp,
  { scaled, size }: Geometry,
  { left, top }: Offset,
  background?: string,
): Sharp {
  return image.extend({
    left: -left,
    top: -top,
    right: size.width - scaled.width + left,
    bottom: size.height - scaled.height + top,
    background: background ?? { r: 0, g: 0, b: 0, alpha: 0 },
  });
}

function found(size: Size, strategy: Strategy): ResizeOptions {
  return { ...size, fit: 'cover', position: sharp.strategy[strategy] };
}

/** sharp supports attention and entropy only for single frames. */
async function foundIn(frame: Sharp, { scaled, size }: Geometry, strategy: Strategy): Promise<Offset> {
  const { info } = await frame.resize(found(size, strategy)).raw().toBuffer({ resolveWithObject: true });
  // sharp rounds the size of the scaled image on its own.
  const within = (offset: number, most: number) => Math.min(Math.max(0, offset), most);
  return {
    left: within(-(info.cropOffsetLeft ?? 0), scaled.width - size.width),
    top: within(-(info.cropOffsetTop ?? 0), scaled.height - size.height),
  };
}

function isSame(a: Size, b: Size): boolean {
  return a.width === b.width && a.height === b.height;
}
