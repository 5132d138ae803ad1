import type { Rendition } from '../../../core/recipe.ts';

/** Width and height in pixels, at least 1. */
export interface Size {
  width: number;
  height: number;
}

/** How a rendition is cut from its source: scaled to `scaled`, then cropped from its middle to `size`. */
export interface Geometry {
  scaled: Size;
  size: Size;
}

/**
 * The exact size of a rendition. Always computed from the size of the original (upright), never from an
 * intermediate image, whose rounding would add to its own.
 */
export function geometryOf(source: Size, { width, height, fit, enlarge }: Rendition): Geometry {
  if (width === undefined && height === undefined) return { scaled: source, size: source };
  const box = {
    width: width ?? Number.POSITIVE_INFINITY,
    height: height ?? Number.POSITIVE_INFINITY,
  };
  const toWidth = box.width / source.width;
  const toHeight = box.height / source.height;
  const free = width === undefined || height === undefined;
  if (fit === 'inside' || (free && fit !== 'fill')) {
    const scale = Math.min(toWidth, toHeight);
    return uncropped(scaledBy(source, enlarge ? scale : Math.min(1, scale)));
  }
  if (fit === 'outside') {
    const scale = Math.max(toWidth, toHeight);
    return uncropped(scaledBy(source, enlarge ? scale : Math.min(1, scale)));
  }
  const target = {
    width: Math.min(width ?? source.width, enlarge ? Number.POSITIVE_INFINITY : source.width),
    height: Math.min(height ?? source.height, enlarge ? Number.POSITIVE_INFINITY : source.height),
  };
  if (fit === 'fill') return uncropped(target);
  const scale = Math.max(target.width / source.width, target.height / source.height);
  const { width: scaledWidth, height: scaledHeight } = scaledBy(source, scale);
  const scaled = {
    width: Math.max(scaledWidth, target.width),
    height: Math.max(scaledHeight, target.height),
  };
  return { scaled, size: target };
}

function scaledBy({ width, height }: Size, scale: number): Size {
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}

function uncropped(size: Size): Geometry {
  return { scaled: size, size };
}
