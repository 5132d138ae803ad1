import { directoryAt, firstDirectory, MOST_VALUES, one, type Directory } from '../tiff/directory.ts';
import {
  angle,
  LATITUDE,
  localDate,
  LONGITUDE,
  type Angle,
  type Described,
  type LocalDate,
} from './described.ts';
import { decoded, oneLine } from './text.ts';

/** EXIF 3.0, sections 4.6.4 to 4.6.6: https://www.cipa.jp/std/documents/download_e.html?DC-008-Translation-2023-E */
const TAG = {
  description: 270,
  artist: 315,
  copyright: 33_432,
  photo: 34_665,
  gps: 34_853,
  taken: 36_867,
  digitized: 36_868,
  takenZone: 36_881,
  digitizedZone: 36_882,
} as const;
const GPS = { latitudeRef: 1, latitude: 2, longitudeRef: 3, longitude: 4 } as const;

const TAGS: ReadonlySet<number> = new Set(Object.values(TAG));
const GPS_TAGS: ReadonlySet<number> = new Set(Object.values(GPS));

/** Returns the TIFF in EXIF data. In a JPEG, it is after `Exif` and two zeros. */
export function tiffIn(exif: Uint8Array): Uint8Array {
  return Buffer.from(exif.subarray(0, 6)).equals(MARK) ? exif.subarray(MARK.length) : exif;
}

/** Reads EXIF data. */
export function readExif(data: Uint8Array): Described {
  const tiff = tiffIn(data);
  const image = firstDirectory(tiff, TAGS);
  const photo = directoryAt(tiff, one(image, TAG.photo, 0), TAGS);
  const gps = directoryAt(tiff, one(image, TAG.gps, 0), GPS_TAGS);
  return {
    copyright: textOf(image, TAG.copyright),
    creator: textOf(image, TAG.artist),
    description: textOf(image, TAG.description),
    date: dateOf(photo, TAG.taken, TAG.takenZone),
    digitized: dateOf(photo, TAG.digitized, TAG.digitizedZone),
    position: positionOf(gps),
  };
}

const MARK = Buffer.from('Exif\0\0', 'latin1');

/** Returns a text in one line. Its parts, such as the copyrights of a photographer and an editor, are separated by zeros. */
function textOf(directory: Directory, tag: number): string | undefined {
  const bytes = Uint8Array.from(directory.get(tag) ?? []);
  return oneLine(decoded(bytes, bytes.length === MOST_VALUES).split('\0'));
}

const DATE = /^(\d{4}):(\d\d):(\d\d) (\d\d:\d\d:\d\d)$/;

function dateOf(directory: Directory, tag: number, zoneTag: number): LocalDate | undefined {
  const [, year, month, day, clock] = DATE.exec(textOf(directory, tag) ?? '') ?? [];
  return localDate(`${year}-${month}-${day}T${clock}`, textOf(directory, zoneTag));
}

function positionOf(gps: Directory): Described['position'] {
  const latitude = angleOf(gps, GPS.latitude, GPS.latitudeRef, LATITUDE);
  const longitude = angleOf(gps, GPS.longitude, GPS.longitudeRef, LONGITUDE);
  return latitude && longitude && { latitude, longitude };
}

function angleOf(
  gps: Directory,
  tag: number,
  sideTag: number,
  sides: Readonly<Record<string, number>>,
): Angle | undefined {
  return angle(textOf(gps, sideTag) ?? '', gps.get(tag) ?? [], sides);
}
