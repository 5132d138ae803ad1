import type { Rendition } from './rendition.ts';

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
  const byWidth = { to: width ?? Number.POSITIVE_INFINITY, from: source.width };
  const byHeight = { to: height ?? Number.POSITIVE_INFINITY, from: source.height };
  const free = width === undefined || height === undefined;
  if (fit === 'inside' || (free && fit !== 'fill')) {
    return uncropped(scaledBy(source, atMost(smaller(byWidth, byHeight), enlarge)));
  }
  if (fit === 'outside') return uncropped(scaledBy(source, atMost(larger(byWidth, byHeight), enlarge)));
  const target = {
    width: Math.min(width ?? source.width, enlarge ? Number.POSITIVE_INFINITY : source.width),
    height: Math.min(height ?? source.height, enlarge ? Number.POSITIVE_INFINITY : source.height),
  };
  if (fit === 'fill') return uncropped(target);
  const scale = larger({ to: target.width, from: source.width }, { to: target.height, from: source.height });
  return { scaled: scaledBy(source, scale), size: target };
}

/** A scale as a fraction of whole numbers: as a decimal it would move halves to either side by its own rounding. */
interface Scale {
  to: number;
  from: number;
}

function smaller(a: Scale, b: Scale): Scale {
  return a.to * b.from <= b.to * a.from ? a : b;
}

function larger(a: Scale, b: Scale): Scale {
  return smaller(a, b) === a ? b : a;
}

function atMost(scale: Scale, enlarge: boolean): Scale {
  return enlarge || scale.to <= scale.from ? scale : { to: 1, from: 1 };
}

/** To the nearest pixel, halves up. */
function scaledBy({ width, height }: Size, { to, from }: Scale): Size {
  const scaled = (side: number) => Math.max(1, Math.round((side * to) / from));
  return { width: scaled(width), height: scaled(height) };
}

function uncropped(size: Size): Geometry {
  return { scaled: size, size };
}
