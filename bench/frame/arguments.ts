import { parseArgs } from 'node:util';
import { SIZES, type Size } from './benchmark.ts';

export interface Arguments {
  /** Of the benchmarks to run; empty for all. */
  ids: readonly string[];
  /** A folder of photos to measure with. */
  photos?: string | undefined;
  json: boolean;
  size: Size;
  /** Whether the rows go into the document. */
  write: boolean;
}

export const USAGE = `npm run bench [-- B1 B4] [options]

  --photos DIR  measure with these photos; by default, with made ones
  --size SIZE   ${SIZES.join(', ')}: how much to measure
  --json        print one JSON line for each number
  --no-write    leave docs/performance.md as it is`;

/** @throws Error that says which argument is wrong */
export function parseArguments(args: readonly string[]): Arguments {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    allowNegative: true,
    options: {
      photos: { type: 'string' },
      json: { type: 'boolean', default: false },
      size: { type: 'string', default: 'default' },
      write: { type: 'boolean', default: true },
    },
  });
  const size = SIZES.find((known) => known === values.size);
  if (size === undefined) throw new Error(`--size: expected ${SIZES.join(', ')}; got ${values.size}`);
  const ids = positionals.map((id) => id.toUpperCase());
  return { ids, photos: values.photos, json: values.json, size, write: values.write };
}
