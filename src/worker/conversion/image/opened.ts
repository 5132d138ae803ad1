import type { Pixels } from '../../../core/conversion.ts';
import type { Rendition } from '../../../core/rendition.ts';
import type { Inspected } from './inspect.ts';

/** Input for `render`: a file that sharp reads, or pixels. */
export interface Opened {
  image: Uint8Array | Pixels;
  inspected: Inspected;
}

/** What an image is opened for. */
export interface Wanted {
  /** Of a TIFF or PDF, from 1. Other images are opened whole. */
  page: number;
  /** Whether more than the first frame is needed. */
  animated: boolean;
  /** The renditions that are made of it. */
  renditions: readonly Rendition[];
}
