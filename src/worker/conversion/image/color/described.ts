import type { Pixels } from '../../../../core/conversion.ts';

/** A source whose colors libvips interprets correctly. */
export interface Described {
  image: Uint8Array | Pixels;
  hasProfile: boolean;
}
