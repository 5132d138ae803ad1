/** What the metadata of an image can say of it, whichever its form. */

export interface LocalDate {
  /** Such as `2026-11-28T14:05:09`, or `2026-11-28`, `2026-11` or `2026` if no more is known. */
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

/** What a result can keep. What is malformed is absent. */
export interface Described {
  copyright?: string | undefined;
  creator?: string | undefined;
  description?: string | undefined;
  /** When it was taken. */
  date?: LocalDate | undefined;
  /** When it was scanned, or when its file was made. */
  digitized?: LocalDate | undefined;
  position?: { latitude: Angle; longitude: Angle } | undefined;
}

/**
 * Returns a date that exists; undefined for any other.
 * @param time as in `LocalDate`
 * @param zone ignored unless it looks like `+09:00`
 */
export function localDate(time: string, zone = ''): LocalDate | undefined {
  // Cameras whose clock was never set write zeros.
  if (time.startsWith('0000')) return undefined;
  const date = new Date(time.includes('T') ? `${time}Z` : time);
  if (Number.isNaN(date.valueOf()) || date.toISOString().slice(0, time.length) !== time) return undefined;
  return ZONE.test(zone) ? { time, zone } : { time };
}

const ZONE = /^[+-]\d\d:\d\d$/;

/** Returns an angle of six numbers, as in `Angle`; undefined unless it exists. */
export function angle(
  side: string,
  fractions: readonly number[],
  sides: Readonly<Record<string, number>>,
): Angle | undefined {
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = fractions;
  const minutes = (a / b) * 60 + c / d + e / f / 60;
  const isAngle = fractions.length === 6 && minutes <= (sides[side] ?? -1) * 60;
  return isAngle ? { side, fractions, minutes } : undefined;
}

/** The greatest number of degrees, by side. */
export const LATITUDE = { N: 90, S: 90 } as const;
export const LONGITUDE = { E: 180, W: 180 } as const;
