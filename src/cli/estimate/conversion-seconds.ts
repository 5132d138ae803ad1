import { geometryOf } from '../../core/geometry.ts';
import type { Rendition } from '../../core/rendition.ts';
import { CommandError, EXIT } from '../exit-codes.ts';

/**
 * Milliseconds of one core, measured on camera photos (docs/performance.md says how). They were not measured on
 * Lambda, whose core is assumed to be as fast.
 */
const MS = {
  decodeMegapixel: 11,
  resizeMegapixel: 25,
  /** Reading S3's response: a JPEG of 12 megapixels has 3 to 4 MB. */
  readMegapixel: 1,
  /** Idempotency, notification, logs. */
  object: 11,
  /** Checking and storing a result. */
  result: 4,
} as const;

/** From this reduction on, libjpeg decodes only half of the rows and columns, in half the time. */
const SHRINKS_ON_LOAD = 4;

/**
 * Milliseconds per encoded megapixel, by effort where it can be chosen. Between two efforts, their geometric mean.
 */
const ENCODERS: Readonly<Record<'jpeg' | 'png' | 'webp' | 'avif', readonly number[]>> = {
  jpeg: [15.5],
  png: [124],
  webp: [44, 53, 65, 93, 132, 210, 335],
  avif: [129, 496, 731, 1955, 5228],
};

/**
 * Returns how many seconds of one core it takes to read, decode (once), resize, encode and store a photo. Photos are
 * JPEGs with an aspect ratio of 4:3.
 * @throws CommandError if an encoder setting was not measured
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

/** Options whose time was not measured. */
const SLOW_OPTIONS = [
  'mozjpeg',
  'lossless',
  'nearLossless',
  'palette',
  'compressionLevel',
  'maxBytes',
] as const;

function encodeMilliseconds(rendition: Rendition): number {
  const { name, format, effort } = rendition;
  const slow = SLOW_OPTIONS.find((option) => rendition[option] !== undefined);
  if (slow !== undefined) throw notMeasured(name, slow);
  const efforts = ENCODERS[format === 'source' ? 'jpeg' : format];
  if (format === 'avif' && effort >= efforts.length) throw notMeasured(name, `avif with effort ${effort}`);
  return efforts[Math.min(effort, efforts.length - 1)] ?? Number.NaN;
}

function notMeasured(rendition: string, what: string): CommandError {
  return new CommandError(
    EXIT.wrongUsage,
    `the rendition ${rendition} has ${what}, whose time is not known: convert a photo, and pass its time as --seconds-per-object`,
  );
}
