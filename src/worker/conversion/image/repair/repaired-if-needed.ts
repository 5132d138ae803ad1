import { Rejected } from '../../../../core/errors.ts';
import type { Limits } from '../../../../core/recipe.ts';
import { repaired } from './repaired.ts';

/**
 * Converts an image. If decoding fails, repairs faults that browsers ignore, and tries again. A truncated picture still
 * fails.
 * @param make converts a file within limits
 */
export async function repairedIfNeeded<T>(
  bytes: Uint8Array,
  contentType: string | undefined,
  limits: Limits,
  make: (bytes: Uint8Array, limits: Limits) => Promise<T>,
): Promise<T> {
  const begun = performance.now();
  try {
    return await make(bytes, limits);
  } catch (error) {
    if (!isCorrupt(error)) throw error;
    const better = await repaired(bytes, contentType, limits);
    if (better === undefined) throw error;
    const seconds = limits.seconds - (performance.now() - begun) / 1000;
    return await make(better, { ...limits, seconds }).catch((again: unknown) => {
      throw isCorrupt(again) ? error : again;
    });
  }
}

function isCorrupt(error: unknown): boolean {
  return error instanceof Rejected && error.code === 'image.corrupt';
}
