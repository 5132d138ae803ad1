import { minifyBundle } from './bundle-function.ts';

/** Makes a bundle smaller in place, as `minifyBundle` does: for the deployment, which calls commands. */
const [, , file] = process.argv;
if (file === undefined) throw new Error('usage: tsx scripts/minify-bundle.ts FILE');
await minifyBundle(file);
