/** Pictures of a lower quality are of little use. */
const LOWEST = 10;
/** Five encodings find any of them: 31 is 2^5 - 1. */
const MOST = 31;

/** Returns the lower qualities to choose from, in ascending order: all of them, or 31 at even distances. */
export function lowerQualities(quality: number): number[] {
  const count = Math.min(MOST, Math.max(0, quality - LOWEST));
  const step = (quality - 1 - LOWEST) / Math.max(1, count - 1);
  return Array.from({ length: count }, (_, index) => Math.round(LOWEST + index * step));
}

/**
 * Returns what is made at the greatest of the qualities at which it fits, by binary search; undefined if the search
 * finds none. At the next greater quality, it does not fit.
 * @param qualities in ascending order
 */
export async function bestThatFits<T>(
  qualities: readonly number[],
  make: (quality: number) => Promise<T>,
  fits: (made: T) => boolean,
): Promise<T | undefined> {
  const half = Math.floor(qualities.length / 2);
  const quality = qualities[half];
  if (quality === undefined) return undefined;
  const made = await make(quality);
  if (!fits(made)) return bestThatFits(qualities.slice(0, half), make, fits);
  return (await bestThatFits(qualities.slice(half + 1), make, fits)) ?? made;
}
