import { parseArgs } from 'node:util';
import { SIZES, type Size } from './benchmark.ts';

export interface Arguments {
  /** Ids of the benchmarks to run; empty for all. */
  ids: readonly string[];
  /** Folder of photos to measure with. */
  photos?: string | undefined;
  json: boolean;
  size: Size;
  /** Whether to write the rows and plots to the documents. */
  write: boolean;
}

/** Its message names the wrong argument. */
export class WrongArguments extends Error {}

export const USAGE = `npm run bench [-- B1 B4] [options]

  --photos DIR  measure with these photos; by default, with generated ones
  --size SIZE   ${SIZES.join(', ')}: how much to measure
  --json        print one JSON line for each number
  --no-write    leave docs/performance.md and its plots unchanged`;

/** @throws WrongArguments */
export function parseArguments(args: readonly string[]): Arguments {
  const { values, positionals } = parsed(args);
  const size = SIZES.find((known) => known === values.size);
  if (size === undefined)
    throw new WrongArguments(`--size: expected ${SIZES.join(', ')}; got ${values.size}`);
  const ids = positionals.map((id) => id.toUpperCase());
  return { ids, photos: values.photos, json: values.json, size, write: values.write };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
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
  } catch (error) {
    throw new WrongArguments(error instanceof Error ? error.message : String(error));
  }
}
