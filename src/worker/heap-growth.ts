import { setFlagsFromString } from 'node:v8';

/** As far as V8 lets a heap grow between two collections where it expects that to pay. */
const GROWTH_PERCENT = 300;

/**
 * Lets the heap grow to four times its size before V8 collects all of it. V8 counts contents and pixels in that growth,
 * though they lie outside of the heap, and grows a small heap by less than one photo: every photo costs a full
 * collection, a seventh of the CPU of its conversion (docs/performance.md).
 */
export function growHeap(): void {
  setFlagsFromString(`--heap-growing-percent=${GROWTH_PERCENT}`);
}
