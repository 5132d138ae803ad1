import type { Sharp } from 'sharp';
import { Rejected } from '../../../core/errors.ts';
import { DEFAULT_QUALITY, type Rendition } from '../../../core/rendition.ts';
import type { Size } from '../../../core/geometry.ts';
import type { SourceFormat } from './inspect.ts';

interface Format {
  contentType: string;
  /** Longest side the format can hold, in pixels. */
  longestSide: number;
  animated: boolean;
  encode(image: Sharp, options: Rendition): Sharp;
}

/** Sides: libwebp ends at 14 bits, AV1 through libheif at 16,384, JPEG and GIF at 16 bits. */
const FORMATS: Readonly<Record<SourceFormat, Format>> = {
  jpeg: {
    contentType: 'image/jpeg',
    longestSide: 65_535,
    animated: false,
    // JPEG has no transparency: what shows through is white, as in a browser.
    encode: (image, { quality = DEFAULT_QUALITY.jpeg }) =>
      image.flatten({ background: '#ffffff' }).jpeg({ quality }),
  },
  png: {
    contentType: 'image/png',
    longestSide: 100_000,
    animated: false,
    encode: (image) => image.png(),
  },
  webp: {
    contentType: 'image/webp',
    longestSide: 16_383,
    animated: true,
    encode: (image, { quality = DEFAULT_QUALITY.webp, effort }) =>
      image.webp({ quality, effort: Math.min(effort, 6) }),
  },
  avif: {
    contentType: 'image/avif',
    longestSide: 16_384,
    animated: false,
    encode: (image, { quality = DEFAULT_QUALITY.avif, effort }) =>
      image.avif({ quality, effort: Math.min(effort, 9), chromaSubsampling: '4:2:0' }),
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

export function formatOf({ format }: Rendition, source: SourceFormat): SourceFormat {
  return format === 'source' ? source : format;
}

export function contentTypeOf(format: SourceFormat): string {
  return FORMATS[format].contentType;
}

export function canBeAnimated(format: SourceFormat): boolean {
  return FORMATS[format].animated;
}

/** @throws Rejected when the format cannot hold an image of that size */
export function checkSize(format: SourceFormat, { width, height }: Size): void {
  const { longestSide } = FORMATS[format];
  if (Math.max(width, height) <= longestSide) return;
  throw new Rejected(
    'image.dimensions_unsupported',
    `the result would have ${width} × ${height} pixels; ${format} holds ${longestSide} a side`,
  );
}

export function encode(image: Sharp, rendition: Rendition, format: SourceFormat): Sharp {
  return FORMATS[format].encode(image, rendition);
}
