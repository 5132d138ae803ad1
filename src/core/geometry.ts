import type { Framing } from './framing.ts';
import { POSITIONS } from './positions.ts';
import type { Rendition } from './rendition.ts';

/** Width and height in pixels, at least 1. */
export interface Size {
  width: number;
  height: number;
}

/**
 * How a rendition is made from its source: the source is scaled to `scaled`, then cropped or extended to `size`. For
 * `contain`, `size` is the larger of the two.
 */
export interface Geometry {
  scaled: Size;
  size: Size;
}

/** The top left corner of a rendition within the scaled image, in pixels. Negative where the image is extended. */
export interface Offset {
  left: number;
  top: number;
}

/**
 * Returns the exact size of a rendition. Computed from the size of the original (upright, and trimmed if the rendition
 * is), never from an intermediate image, because rounding twice would change it.
 */
export function geometryOf(original: Size, { width, height, fit, enlarge, rotate }: Rendition): Geometry {
  const source = isTurned({ rotate }) ? turned(original) : original;
  if (width === undefined && height === undefined) return { scaled: source, size: source };
  const byWidth = { to: width ?? Number.POSITIVE_INFINITY, from: source.width };
  const byHeight = { to: height ?? Number.POSITIVE_INFINITY, from: source.height };
  const free = width === undefined || height === undefined;
  const inside = () => scaledBy(source, atMost(smaller(byWidth, byHeight), enlarge));
  if (fit === 'inside' || (free && fit !== 'fill')) return unchanged(inside());
  if (fit === 'outside') return unchanged(scaledBy(source, atMost(larger(byWidth, byHeight), enlarge)));
  const box = { width: width ?? source.width, height: height ?? source.height };
  if (fit === 'contain') return { scaled: inside(), size: box };
  const most = enlarge ? { width: Number.POSITIVE_INFINITY, height: Number.POSITIVE_INFINITY } : source;
  const target = { width: Math.min(box.width, most.width), height: Math.min(box.height, most.height) };
  if (fit === 'fill') return unchanged(target);
  const scale = larger({ to: target.width, from: source.width }, { to: target.height, from: source.height });
  return { scaled: scaledBy(source, scale), size: target };
}

/**
 * Returns the smallest size of an original from which all these renditions can be made by shrinking. It has the
 * original's proportions, also for `fit: fill`: a crop by `attention` or `entropy`, for which sharp computes the scale,
 * would be distorted otherwise, as would what is left without the border.
 */
export function neededSize(original: Size, renditions: readonly Rendition[]): Size {
  const sizes = renditions.map((rendition) => {
    // What is left without the border is known only once it is decoded.
    if (rendition.trim !== undefined) return original;
    const { scaled } = geometryOf(original, rendition);
    const { width, height } = isTurned(rendition) ? turned(scaled) : scaled;
    if (rendition.fit !== 'fill') return { width, height };
    const scale = larger({ to: width, from: original.width }, { to: height, from: original.height });
    return scaledBy(original, scale);
  });
  return {
    width: Math.max(...sizes.map(({ width }) => width)),
    height: Math.max(...sizes.map(({ height }) => height)),
  };
}

function isTurned({ rotate }: Pick<Rendition, 'rotate'>): boolean {
  return rotate === 90 || rotate === 270;
}

function turned({ width, height }: Size): Size {
  return { width: height, height: width };
}

/** Returns where a rendition begins in the scaled image: centered, unless the position is a side, corner or point. */
export function offsetOf({ scaled, size }: Geometry, position: Framing['position'] = 'center'): Offset {
  const free = { width: scaled.width - size.width, height: scaled.height - size.height };
  if (typeof position === 'object') {
    const within = (middle: number, side: number, most: number) =>
      Math.min(most, Math.max(0, Math.round(middle - side / 2)));
    return {
      left: within(position.x * scaled.width, size.width, free.width),
      top: within(position.y * scaled.height, size.height, free.height),
    };
  }
  const [x, y] = position === 'attention' || position === 'entropy' ? POSITIONS.center : POSITIONS[position];
  return { left: Math.floor(free.width * x), top: Math.floor(free.height * y) };
}

/** A scale as a fraction of whole numbers, because floating-point error would round halves up or down at random. */
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

/** Rounds to the nearest pixel, halves up. */
function scaledBy({ width, height }: Size, { to, from }: Scale): Size {
  const scaled = (side: number) => Math.max(1, Math.round((side * to) / from));
  return { width: scaled(width), height: scaled(height) };
}

function unchanged(size: Size): Geometry {
  return { scaled: size, size };
}
