import { readFile, writeFile } from 'node:fs/promises';
import { build } from 'esbuild';
import { minify } from 'terser';
import { BUNDLE, SHARP, type Binary } from '../cdk/bundle.ts';

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

/**
 * Takes out of a bundle what nobody uses, in place: the descriptions of all operations of S3, for example, which
 * esbuild keeps because their keys are computed. What is left is parsed faster at each start.
 */
export async function minifyBundle(file: string): Promise<void> {
  const { code } = await minify(await readFile(file, 'utf8'), {
    toplevel: true,
    // V8 holds and parses what is all ASCII in half the space.
    format: { ascii_only: true },
  });
  if (code === undefined) throw new Error(`terser made nothing of ${file}`);
  await writeFile(file, code);
}
