import { writeFile } from 'node:fs/promises';
import { bundlePages } from '../src/local/bundle-pages.ts';

/**
 * Bundles the pages as they are deployed: one JSON file beside the API's bundle, `PageAssets`.
 * @param outfile path of the file
 */
export async function writePages(outfile: string): Promise<void> {
  await writeFile(outfile, JSON.stringify(await bundlePages()));
}
