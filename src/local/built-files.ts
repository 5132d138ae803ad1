import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { PageAssets } from '../core/pages-file.ts';

/** A file from `npm run build` that the pipeline runs or serves, by its name in the `imports` of package.json. */
type BuiltFile = '#worker' | '#file-worker' | '#function-runtime' | '#pages';

const { resolve } = createRequire(import.meta.url);

/**
 * Returns the path of a built file.
 * @throws Error when the file is not built yet
 */
export function builtFile(name: BuiltFile): string {
  try {
    return resolve(name);
  } catch (cause) {
    throw new Error(`${name} is not built: run npm run build`, { cause });
  }
}

/** Reads the files that browsers load. */
export async function readPages(): Promise<PageAssets> {
  return JSON.parse(await readFile(builtFile('#pages'), 'utf8')) as PageAssets;
}
