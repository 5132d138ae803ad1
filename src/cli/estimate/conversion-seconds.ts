import { geometryOf } from '../../core/geometry.ts';
import type { Rendition } from '../../core/rendition.ts';
import { CommandError, EXIT } from '../exit-codes.ts';

/**
 * Milliseconds of one core, measured on camera photos (docs/performance.md says how). Nobody has measured them on
 * Lambda: its core is taken for the one they were measured on.
 */
const MS = {
  decodeMegapixel: 11,
  resizeMegapixel: 25,
  /** S3's answer read: a JPEG of 12 megapixels has 3 to 4 MB. */
  readMegapixel: 1,
  /** Idempotency, notification, logs. */
  object: 11,
  /** A result looked up and stored. */
  result: 4,
} as const;

/** From this reduction on, libjpeg decodes half of the rows and columns only, in half of the time. */
const SHRINKS_ON_LOAD = 4;

/** Milliseconds for an encoded megapixel, by effort where there is a choice. Between two efforts, their geometric mean. */
const ENCODERS: Readonly<Record<'jpeg' | 'png' | 'webp' | 'avif', readonly number[]>> = {
  jpeg: [15.5],
  png: [124],
  webp: [44, 53, 65, 93, 132, 210, 335],
  avif: [129, 496, 731, 1955, 5228],
};

/**
 * Returns the seconds of one core that a photo takes: read, decoded once, resized, encoded and stored. Photos are JPEG
 * with sides of 4 to 3.
 * @throws CommandError for an encoder setting that was not measured
 */
export function conversionSeconds(megapixels: number, renditions: readonly Rendition[]): number {
  const height = Math.max(1, Math.round(Math.sqrt((megapixels * 1e6 * 3) / 4)));
  const source = { width: Math.max(1, Math.round((height * 4) / 3)), height };
  let milliseconds = MS.object + megapixels * MS.readMegapixel;
  let widest = 1;
  for (const rendition of renditions) {
    const { scaled, size } = geometryOf(source, rendition);
    widest = Math.max(widest, scaled.width);
    milliseconds +=
      MS.result +
      megapixelsOf(scaled) * MS.resizeMegapixel +
      megapixelsOf(size) * encodeMilliseconds(rendition);
  }
  const share = source.width / widest >= SHRINKS_ON_LOAD ? 0.5 : 1;
  return (milliseconds + megapixels * MS.decodeMegapixel * share) / 1000;
}

function megapixelsOf({ width, height }: { width: number; height: number }): number {
  return (width * height) / 1e6;
}

function encodeMilliseconds({ name, format, effort }: Rendition): number {
  const efforts = ENCODERS[format === 'source' ? 'jpeg' : format];
  if (format === 'avif' && effort >= efforts.length)
    throw new CommandError(
      EXIT.wrongUsage,
      `the rendition ${name} has avif with effort ${effort}, whose time is not known: convert a photo, and pass its time as --seconds-per-object`,
    );
  return efforts[Math.min(effort, efforts.length - 1)] ?? Number.NaN;
}
