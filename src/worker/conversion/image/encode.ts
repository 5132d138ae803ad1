import type { Sharp } from 'sharp';
import { Rejected } from '../../../core/errors.ts';
import { DEFAULT_QUALITY } from '../../../core/encoder-options.ts';
import type { Rendition } from '../../../core/rendition.ts';
import type { Size } from '../../../core/geometry.ts';
import type { SourceFormat } from './inspect.ts';

/** A rendition that is either lossless or lossy. */
export type Encoding = Omit<Rendition, 'lossless'> & { lossless?: boolean };

interface Format {
  contentType: string;
  /** Longest side the format can hold, in pixels. */
  longestSide: number;
  animated: boolean;
  /** The color behind transparent parts, for formats without transparency. */
  background?: string;
  encode(image: Sharp, options: Encoding): Sharp;
}

/** Limits: 14 bits for libwebp, 16,384 for AV1 in libheif, 16 bits for JPEG and GIF. */
const FORMATS: Readonly<Record<SourceFormat, Format>> = {
  jpeg: {
    contentType: 'image/jpeg',
    longestSide: 65_535,
    animated: false,
    // As in a browser.
    background: '#ffffff',
    encode: (image, { quality = DEFAULT_QUALITY.jpeg, ...options }) =>
      image.jpeg({
        quality,
        ...picked(options, 'progressive', 'mozjpeg', 'chromaSubsampling'),
      }),
  },
  png: {
    contentType: 'image/png',
    longestSide: 100_000,
    animated: false,
    encode: (image, options) => {
      const common = picked(options, 'progressive', 'compressionLevel');
      if (options.palette !== true) return image.png(common);
      const effort = Math.max(1, options.effort);
      return image.png({ ...common, ...picked(options, 'palette', 'colors', 'quality'), effort });
    },
  },
  webp: {
    contentType: 'image/webp',
    longestSide: 16_383,
    animated: true,
    // In lossless mode, libwebp's quality means effort, which has its own option.
    encode: (image, { quality = DEFAULT_QUALITY.webp, effort, ...options }) =>
      image.webp({
        ...(options.lossless === true ? {} : { quality }),
        effort: Math.min(effort, 6),
        ...picked(options, 'lossless', 'nearLossless'),
      }),
  },
  avif: {
    contentType: 'image/avif',
    longestSide: 16_384,
    animated: false,
    encode: (image, { quality = DEFAULT_QUALITY.avif, effort, ...options }) =>
      image.avif({
        quality,
        effort: Math.min(effort, 9),
        chromaSubsampling: '4:2:0',
        ...picked(options, 'lossless', 'chromaSubsampling'),
      }),
  },
  gif: {
    contentType: 'image/gif',
    longestSide: 65_535,
    animated: true,
    encode: (image, { effort }) => image.gif({ effort: Math.max(1, effort) }),
  },
  tiff: {
    contentType: 'image/tiff',
    longestSide: 100_000,
    animated: false,
    encode: (image) => image.tiff({ compression: 'lzw' }),
  },
};

/** Returns the options with these names that are set. */
function picked<T extends object, Name extends keyof T>(options: T, ...names: Name[]): Pick<T, Name> {
  return Object.fromEntries(
    names.filter((name) => options[name] !== undefined).map((name) => [name, options[name]]),
  ) as Pick<T, Name>;
}

export function formatOf({ format }: Rendition, source: SourceFormat): SourceFormat {
  return format === 'source' ? source : format;
}

export function contentTypeOf(format: SourceFormat): string {
  return FORMATS[format].contentType;
}

/** Returns the color behind transparent parts; undefined if the rendition stays transparent. */
export function backgroundOf({ background }: Rendition, format: SourceFormat): string | undefined {
  return background ?? FORMATS[format].background;
}

/**
 * Returns whether a rendition shows all frames of an animation.
 * @param source the format of renditions that keep the source's format
 */
export function isAnimated(rendition: Rendition, source: SourceFormat): boolean {
  return rendition.animated !== false && FORMATS[formatOf(rendition, source)].animated;
}

/** @throws Rejected if the format cannot hold an image of that size */
export function checkSize(format: SourceFormat, { width, height }: Size): void {
  const { longestSide } = FORMATS[format];
  if (Math.max(width, height) <= longestSide) return;
  throw new Rejected(
    'image.dimensions_unsupported',
    `the result would have ${width} × ${height} pixels; ${format} holds ${longestSide} a side`,
  );
}

/** Returns the ways to encode a rendition. The smallest becomes the result, or the first of several equal ones. */
export function encodings(
  { lossless, ...rest }: Rendition,
  format: SourceFormat,
): [first: Encoding, ...others: Encoding[]] {
  if (typeof lossless !== 'string') return [lossless === undefined ? rest : { ...rest, lossless }];
  return canBeLossless(format) ? [{ ...rest, lossless: true }, rest] : [rest];
}

/** Returns whether a format is lossless or lossy, as the rendition says. */
export function canBeLossless(format: SourceFormat): boolean {
  return format === 'webp' || format === 'avif';
}

/** Returns the quality of a rendition's lossy encoding; undefined if it has none. */
export function qualityOf({ lossless, quality }: Rendition, format: SourceFormat): number | undefined {
  if (format !== 'jpeg' && format !== 'webp' && format !== 'avif') return undefined;
  return format !== 'jpeg' && lossless === true ? undefined : (quality ?? DEFAULT_QUALITY[format]);
}

export function encode(image: Sharp, rendition: Encoding, format: SourceFormat): Sharp {
  return FORMATS[format].encode(image, rendition);
}
