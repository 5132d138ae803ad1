import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ignoringNames, DEFAULT_IGNORED } from '../core/ignored.ts';

/** A folder, or contents by key. */
export type Samples = string | URL | Readonly<Record<string, string | Uint8Array>>;

export interface Sample {
  key: string;
  bytes: Uint8Array;
}

/**
 * Returns the samples, ordered by key.
 * @throws Error if there are none
 */
export function readSamples(samples: Samples): readonly [Sample, ...Sample[]] {
  const [first, ...more] = found(samples).toSorted((a, b) => (a.key < b.key ? -1 : 1));
  if (first === undefined) throw new Error(`there are no samples in ${JSON.stringify(samples)}`);
  return [first, ...more];
}

/** Returns the largest sample. */
export function largest([first, ...more]: readonly [Sample, ...Sample[]]): Sample {
  return more.reduce((a, b) => (b.bytes.byteLength > a.bytes.byteLength ? b : a), first);
}

function found(samples: Samples): Sample[] {
  if (typeof samples === 'string' || samples instanceof URL) {
    const folder = typeof samples === 'string' ? samples : fileURLToPath(samples);
    const isLitter = ignoringNames(DEFAULT_IGNORED);
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !isLitter(entry.name))
      .map((entry) => join(entry.parentPath, entry.name))
      .map((path) => ({ key: relative(folder, path).replaceAll('\\', '/'), bytes: readFileSync(path) }));
  }
  return Object.entries(samples).map(([key, content]) => ({ key, bytes: Buffer.from(content) }));
}
