import { compareUtf8 } from './utf8-order.ts';

/**
 * The keys of a bucket in S3's order. New keys are sorted in on the next read, so that many uploads cost nothing and
 * a page of a listing costs a binary search.
 */
export interface KeyIndex {
  add(key: string): void;
  /** Yields the keys from `from`, or after it with `exclusive`. */
  after(from: string, exclusive: boolean): Iterable<string>;
}

/** @param exists returns whether a key is still in use; other keys are skipped and dropped at the next merge */
export function createKeyIndex(exists: (key: string) => boolean): KeyIndex {
  let sorted: string[] = [];
  let added: string[] = [];

  function merge(): void {
    if (added.length === 0) return;
    added.sort(compareUtf8);
    const merged: string[] = [];
    let left = 0;
    let right = 0;
    while (left < sorted.length || right < added.length) {
      const a = sorted[left];
      const b = added[right];
      const next = b === undefined || (a !== undefined && compareUtf8(a, b) <= 0) ? a : b;
      if (next === a) left += 1;
      else right += 1;
      if (next !== undefined && next !== merged.at(-1) && exists(next)) merged.push(next);
    }
    sorted = merged;
    added = [];
  }

  function lowerBound(key: string): number {
    let low = 0;
    let high = sorted.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compareUtf8(sorted[middle] ?? '', key) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  return {
    add: (key) => void added.push(key),
    *after(from, exclusive) {
      merge();
      const keys = sorted;
      for (let index = lowerBound(from); index < keys.length; index += 1) {
        const key = keys[index];
        if (key === undefined || (exclusive && key === from) || !exists(key)) continue;
        yield key;
      }
    },
  };
}
