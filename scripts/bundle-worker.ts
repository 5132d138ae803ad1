import { build } from 'esbuild';

/**
 * Bundles the worker as it is deployed: one file with a `handler` for Lambda. sharp stays outside, because its
 * binary is of the target's platform.
 * @param outfile path of the bundle, which must end in `.cjs`
 */
export async function bundleWorker(outfile: string): Promise<void> {
  await build({
    entryPoints: ['src/worker/index.ts'],
    outfile,
    bundle: true,
    minify: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    // The ES modules of the SDK can be shaken, its CommonJS cannot.
    mainFields: ['module', 'main'],
    external: ['sharp'],
    logLevel: 'warning',
  });
}
