import type { Pixels } from '../../../../core/conversion.ts';

/** A source that libvips shows in the right colors. */
export interface Described {
  image: Uint8Array | Pixels;
  hasProfile: boolean;
}
