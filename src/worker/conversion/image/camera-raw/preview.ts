import { Rejected } from '../../../../core/errors.ts';
import type { Size } from '../../../../core/geometry.ts';
import { corrupt } from '../corrupt.ts';
import { formatName } from '../format-names.ts';
import { directories, one, TAG, type Directory } from '../tiff/directory.ts';
import { jpegHeader, oriented, type JpegHeader } from './jpeg-header.ts';
import type { PreviewOf } from './preview-size.ts';

/**
 * Camera RAW in TIFF: CR2, NEF, ARW, DNG and others that are like them. Each has the data of the sensor, and JPEGs that
 * the camera made of them, in directories one after another or inside of each other.
 * https://helpx.adobe.com/camera-raw/digital-negative.html, chapter 2
 */

/** Of `NewSubfileType`: the image is a smaller version of another. */
const REDUCED = 1;
/** Of `PhotometricInterpretation`: a value for each of the sensor's color filters, and colors before white balance. */
const SENSOR: ReadonlySet<number> = new Set([32_803, 34_892]);
/** Grey, RGB and YCbCr. Others are masks, or distances. */
const SHOWN: ReadonlySet<number> = new Set([1, 2, 6]);
const YCBCR = 6;
/** Types that a file's first bytes or a field of its own tell. */
const MARKED: ReadonlySet<string> = new Set(['image/x-canon-cr2', 'image/x-adobe-dng']);
const JPEG: ReadonlySet<number> = new Set([6, 7]);

/** Processes of JPEG, by the marker of the frame: baseline, extended and progressive are what decoders know. */
const DECODED: ReadonlySet<number> = new Set([0xc0, 0xc1, 0xc2]);
const LOSSLESS = 0xc3;

/** Of `Orientation`. */
const UPRIGHT = 1;

/** Stands for a sensor whose size is not told. */
const UNKNOWN: Size = { width: 100_000, height: 100_000 };

/** Returns whether a TIFF is camera RAW: libvips would show its thumbnail, or nothing. */
export function isRaw(contentType: string, first: Directory, bytes: Uint8Array): boolean {
  return (
    MARKED.has(contentType) ||
    first.has(TAG.dngVersion) ||
    isOfSensor(first) ||
    ((one(first, TAG.subfileType, 0) & REDUCED) !== 0 && first.has(TAG.subDirectories)) ||
    // Other types are guesses: ordinary TIFFs of cameras have the fields by which ARW and NEF are recognized, too.
    (contentType !== 'image/tiff' && directories(bytes).some(isOfSensor))
  );
}

function isOfSensor(directory: Directory): boolean {
  return SENSOR.has(one(directory, TAG.photometric, YCBCR));
}

/**
 * Finds the largest preview, as a file that is shown upright.
 * @throws Rejected
 */
export function rawPreview(
  bytes: Uint8Array,
  contentType: string,
): { jpeg: Uint8Array; previewOf: PreviewOf } {
  const all = directories(bytes);
  const [first] = all;
  if (first === undefined || first.size === 0) throw corrupt('its directory is missing');
  const name = contentType === 'image/tiff' ? 'camera RAW' : formatName(contentType);
  const jpegs = all.flatMap((directory) => jpegIn(bytes, directory) ?? []);
  const largest = largestOf(jpegs.filter(({ marker }) => DECODED.has(marker)));
  if (largest === undefined)
    throw new Rejected(
      'image.unsupported_format',
      `the image is ${name} without a preview in JPEG; the data of its sensor are not converted`,
    );
  const sensor = largestOf([
    ...all.filter(isOfSensor).map(sizeIn),
    ...jpegs.filter(({ marker }) => marker === LOSSLESS).map(sizeOfSensor),
  ]);
  return {
    jpeg:
      largest.orientation === undefined
        ? oriented(largest.bytes, one(first, TAG.orientation, UPRIGHT))
        : largest.bytes,
    previewOf: { name, sensor: sensor ?? UNKNOWN },
  };
}

interface Jpeg extends JpegHeader {
  bytes: Uint8Array;
}

/** Returns the JPEG that a directory holds, if it is one whole picture. */
function jpegIn(bytes: Uint8Array, directory: Directory): Jpeg | undefined {
  if (!SHOWN.has(one(directory, TAG.photometric, YCBCR)) || directory.has(TAG.jpegTables)) return undefined;
  const [offset, length] = placeOfJpeg(directory);
  const jpeg = bytes.subarray(offset, offset + length);
  const header = jpegHeader(jpeg);
  return header && { ...header, bytes: jpeg };
}

function placeOfJpeg(directory: Directory): [offset: number, length: number] {
  const length = one(directory, TAG.jpegBytes, 0);
  if (length > 0) return [one(directory, TAG.jpegOffset, 0), length];
  const strips = directory.get(TAG.stripOffsets) ?? [];
  const isJpeg = JPEG.has(one(directory, TAG.compression, 1)) && strips.length === 1;
  return isJpeg ? [strips[0] ?? 0, one(directory, TAG.stripBytes, 0)] : [0, 0];
}

function sizeIn(directory: Directory): Size {
  return { width: one(directory, TAG.width, 0), height: one(directory, TAG.height, 0) };
}

/** Canon's have two or four columns of the sensor as components, or three colors. */
function sizeOfSensor({ width, height, components }: JpegHeader): Size {
  return { width: components === 3 ? width : width * components, height };
}

function largestOf<T extends Size>(all: readonly T[]): T | undefined {
  const area = ({ width, height }: Size) => width * height;
  return all.toSorted((a, b) => area(b) - area(a))[0];
}
