import type { Pixels } from '../../../core/conversion.ts';
import type { Inspected } from './inspect.ts';

/** Input for `render`: a file that sharp reads, or pixels. */
export interface Opened {
  image: Uint8Array | Pixels;
  inspected: Inspected;
}
