import { writeFile } from 'node:fs/promises';
import { bundlePages } from '../src/local/bundle-pages.ts';

/** Writes the pages as they are deployed: one JSON file beside the API's bundle, `PageAssets`. */
const [, , outfile] = process.argv;
if (outfile === undefined) throw new Error('usage: tsx scripts/bundle-pages.ts OUTFILE');
await writeFile(outfile, JSON.stringify(await bundlePages()));
