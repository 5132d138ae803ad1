import { build } from 'esbuild';
import { BUNDLE, WORKER_BINARY } from '../src/core/bundle.ts';

/**
 * Bundles the worker as it is deployed: one file with a `handler` for Lambda.
 * @param outfile path of the bundle, which must end in `.cjs`
 */
export async function bundleWorker(outfile: string): Promise<void> {
  await build({
    ...BUNDLE,
    mainFields: [...BUNDLE.mainFields],
    entryPoints: ['src/worker/index.ts'],
    outfile,
    bundle: true,
    platform: 'node',
    external: [WORKER_BINARY],
    logLevel: 'warning',
  });
}
