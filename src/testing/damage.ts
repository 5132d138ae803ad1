import { createHash } from 'node:crypto';
import type { Sample } from './samples.ts';

/** Damaged content. */
export interface Damaged {
  what: string;
  bytes: Uint8Array;
}

const CUTS = 6;
const FLIPPED = 12;
const RANDOM_SIZES = [1, 100, 5000, 70_000];

/** Returns pseudorandom bytes for a seed. */
function randomBytes(count: number, seed: string): Buffer {
  return createHash('shake256', { outputLength: count }).update(seed).digest();
}

/** Returns a pseudorandom integer from 0 to `limit` - 1. */
function randomNumber(limit: number, seed: string): number {
  return randomBytes(6, seed).readUIntBE(0, 6) % limit;
}

/** Returns a sample truncated at several positions. */
export function truncated({ key, bytes }: Sample, seed: number): Damaged[] {
  return times(CUTS, (index) => {
    const length = 1 + randomNumber(bytes.byteLength, `${seed} cut ${key} ${index}`);
    return { what: `the first ${length} bytes of ${key}`, bytes: bytes.subarray(0, length) };
  });
}

/** Returns a sample with a few bits changed. */
export function flipped({ key, bytes }: Sample, seed: number): Damaged[] {
  return times(FLIPPED, (index) => {
    const changed = Buffer.from(bytes);
    const bits = 1 + index * index;
    for (let bit = 0; bit < bits; bit += 1) {
      const at = randomNumber(bytes.byteLength * 8, `${seed} flip ${key} ${index} ${bit}`);
      changed[at >> 3] = (changed[at >> 3] ?? 0) ^ (1 << (at & 7));
    }
    return { what: `${key} with ${bits} bits flipped`, bytes: changed };
  });
}

/** Returns random bytes, alone and after the beginning of a sample, which makes them look like its type. */
export function random({ key, bytes }: Sample, seed: number): Damaged[] {
  return RANDOM_SIZES.flatMap((size) => {
    const noise = randomBytes(size, `${seed} random ${key} ${size}`);
    const head = bytes.subarray(0, Math.min(size, bytes.byteLength));
    return [
      { what: `${size} random bytes`, bytes: noise },
      {
        what: `the first ${head.byteLength} bytes of ${key} and ${size} random bytes`,
        bytes: Buffer.concat([head, noise]),
      },
    ];
  });
}

function times<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index));
}
