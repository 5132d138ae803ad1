import { directoryAt, firstDirectory, MOST_VALUES, one, type Directory } from '../tiff/directory.ts';

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

export interface LocalDate {
  /** Such as `2026-11-28T14:05:09`. */
  time: string;
  /** Such as `+09:00`, if it is known. */
  zone?: string;
}

/** Degrees, minutes and seconds north or south of the equator, or east or west of Greenwich. */
export interface Angle {
  /** `N`, `S`, `E` or `W`. */
  side: string;
  /** Three fractions: a numerator, then a denominator. */
  fractions: readonly number[];
  /** All of it in minutes. */
  minutes: number;
}

/** What EXIF says of an image, as far as a result can keep it. What is malformed is absent. */
export interface Described {
  copyright: string | undefined;
  creator: string | undefined;
  description: string | undefined;
  date: LocalDate | undefined;
  position: { latitude: Angle; longitude: Angle } | undefined;
}

/** Reads EXIF data: a TIFF, in a JPEG after `Exif` and two zeros. */
export function readExif(data: Uint8Array): Described {
  const isMarked = Buffer.from(data.subarray(0, 6)).equals(MARK);
  const tiff = isMarked ? data.subarray(MARK.length) : data;
  const image = firstDirectory(tiff, TAGS);
  const photo = directoryAt(tiff, one(image, TAG.photo, 0), TAGS);
  const gps = directoryAt(tiff, one(image, TAG.gps, 0), GPS_TAGS);
  return {
    copyright: textOf(image, TAG.copyright),
    creator: textOf(image, TAG.artist),
    description: textOf(image, TAG.description),
    date: dateOf(photo, TAG.taken, TAG.takenZone) ?? dateOf(photo, TAG.digitized, TAG.digitizedZone),
    position: positionOf(gps),
  };
}

const MARK = Buffer.from('Exif\0\0', 'latin1');

const MOST_CHARACTERS = 1000;
/** Everything that XML, or a line of text, cannot contain. */
const CONTROLS = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\uFFFE\uFFFF]+/gu;

/** Returns a text in one line. Its parts, such as the copyrights of a photographer and an editor, are separated by zeros. */
function textOf(directory: Directory, tag: number): string | undefined {
  const bytes = Uint8Array.from(directory.get(tag) ?? []);
  const parts = decoded(bytes)
    .split('\0')
    .map((part) => part.replaceAll(CONTROLS, ' ').trim());
  const text = parts.filter((part) => part !== '').join(', ');
  return text === '' ? undefined : Array.from(text).slice(0, MOST_CHARACTERS).join('');
}

/** EXIF's texts are ASCII, but programs write UTF-8 or Windows-1252 there. */
function decoded(bytes: Uint8Array): string {
  // Of a longer text, the last character may be incomplete.
  const stream = bytes.length === MOST_VALUES;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream });
  } catch {
    return new TextDecoder('windows-1252').decode(bytes);
  }
}

const DATE = /^(\d{4}):(\d\d):(\d\d) (\d\d:\d\d:\d\d)$/;
const ZONE = /^[+-]\d\d:\d\d$/;

function dateOf(directory: Directory, tag: number, zoneTag: number): LocalDate | undefined {
  const [, year, month, day, clock] = DATE.exec(textOf(directory, tag) ?? '') ?? [];
  const time = `${year}-${month}-${day}T${clock}`;
  const date = new Date(`${time}Z`);
  // Cameras whose clock was never set write zeros.
  if (Number.isNaN(date.valueOf()) || date.toISOString().slice(0, time.length) !== time) return undefined;
  const zone = textOf(directory, zoneTag) ?? '';
  return ZONE.test(zone) ? { time, zone } : { time };
}

function positionOf(gps: Directory): Described['position'] {
  const latitude = angleOf(gps, GPS.latitude, GPS.latitudeRef, { N: 90, S: 90 });
  const longitude = angleOf(gps, GPS.longitude, GPS.longitudeRef, { E: 180, W: 180 });
  return latitude && longitude && { latitude, longitude };
}

function angleOf(
  gps: Directory,
  tag: number,
  sideTag: number,
  sides: Readonly<Record<string, number>>,
): Angle | undefined {
  const side = textOf(gps, sideTag) ?? '';
  const fractions = gps.get(tag) ?? [];
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = fractions;
  const minutes = (a / b) * 60 + c / d + e / f / 60;
  const isAngle = fractions.length === 6 && minutes <= (sides[side] ?? -1) * 60;
  return isAngle ? { side, fractions, minutes } : undefined;
}
