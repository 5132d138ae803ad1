import { setFlagsFromString } from 'node:v8';

const GROWTH_PERCENT = 50;

/**
 * Lets the heap grow by half before a full garbage collection. A command that reads listings keeps almost nothing, but
 * each page leaves garbage, and V8 would let a heap this small grow to four times its size (B10 in
 * docs/performance.md).
 */
export function limitHeapGrowth(): void {
  setFlagsFromString(`--heap-growing-percent=${GROWTH_PERCENT}`);
}
