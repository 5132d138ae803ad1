import { setFlagsFromString } from 'node:v8';

/** The growth that V8 itself uses when it expects a large heap to pay off. */
const GROWTH_PERCENT = 300;

/**
 * Lets the heap grow to four times its size before a full garbage collection. V8 counts file contents and pixels as
 * growth, although they are outside of the heap, and would let a heap this small grow by less than one photo (B1 in
 * docs/performance.md).
 */
export function growHeap(): void {
  setFlagsFromString(`--heap-growing-percent=${GROWTH_PERCENT}`);
}
