import { setFlagsFromString } from 'node:v8';

/** As far as V8 itself lets a heap grow where it expects that to pay. */
const GROWTH_PERCENT = 300;

/**
 * Lets the heap grow to four times its size before V8 collects all of it. V8 counts contents and pixels in that growth,
 * although they lie outside of the heap, and lets a heap as small as this one grow by less than a photo (B1 in
 * docs/performance.md).
 */
export function growHeap(): void {
  setFlagsFromString(`--heap-growing-percent=${GROWTH_PERCENT}`);
}
