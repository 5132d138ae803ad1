import { Rejected } from '../../../../core/errors.ts';
import type { ImageLimits } from '../limits.ts';
import { repaired } from './repaired.ts';

/**
 * Converts an image. If decoding fails, repairs faults that browsers ignore, and tries again. A truncated picture still
 * fails.
 * @param make converts a file
 */
export async function repairedIfNeeded<T>(
  bytes: Uint8Array,
  contentType: string | undefined,
  limits: ImageLimits,
  make: (bytes: Uint8Array) => Promise<T>,
): Promise<T> {
  try {
    return await make(bytes);
  } catch (error) {
    if (!isCorrupt(error)) throw error;
    const better = await repaired(bytes, contentType, limits);
    if (better === undefined) throw error;
    return await make(better).catch((again: unknown) => {
      throw isCorrupt(again) ? error : again;
    });
  }
}

function isCorrupt(error: unknown): boolean {
  return error instanceof Rejected && error.code === 'image.corrupt';
}
