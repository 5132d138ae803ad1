import { build } from 'esbuild';
import { BUNDLE, SHARP, type Binary } from '../cdk/bundle.ts';
import { minifyBundle } from './minify-bundle.ts';

/**
 * Bundles the worker as it is deployed: one file with a `handler` for Lambda.
 * @param outfile path of the bundle, which must end in `.cjs`
 */
export async function bundleWorker(outfile: string): Promise<void> {
  await bundleFunction('src/worker/index.ts', outfile, SHARP.bundle);
  await minifyBundle(outfile);
}

/** Bundles a function with the options that all of them have. */
export async function bundleFunction(
  entry: string,
  outfile: string,
  more: Partial<Binary['bundle']> = {},
): Promise<void> {
  await build({
    ...BUNDLE,
    mainFields: [...BUNDLE.mainFields],
    external: [...BUNDLE.external],
    ...more,
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: 'node',
    logLevel: 'warning',
  });
}
