import { Rejected } from '../../../core/errors.ts';

/** Returns the rejection of a damaged image. */
export function corrupt(why: string, cause?: unknown): Rejected {
  return new Rejected('image.corrupt', `the image could not be decoded: ${why}`, { cause });
}
