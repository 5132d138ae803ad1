import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import { bundleFunction, shrunk } from '../../scripts/build/functions.ts';

/** The sides. `worker` is the deployed code, and `profiled` the same code, not minified, with a profile of each batch. */
export const SIDES = [
  'worker',
  'profiled',
  'cascade',
  'requests',
  'for-loop',
  'promise-all',
  'spawned',
  'chained',
] as const;
export type Side = (typeof SIDES)[number];

/**
 * Bundles the sides, so that none has the overhead of a TypeScript loader: the worker as deployed, the others as
 * esbuild does without options.
 * @returns a folder in the checkout, where the bundles find sharp's binary
 */
export async function buildSides(): Promise<string> {
  await mkdir('dist', { recursive: true });
  const folder = await mkdtemp(resolve('dist/bench-'));
  const { code } = await bundleFunction('src/worker/lambda.ts');
  await writeFile(join(folder, 'worker.cjs'), await shrunk(code));
  const readable = await bundleFunction('src/worker/lambda.ts', { minify: false });
  await writeFile(join(folder, 'readable-worker.cjs'), readable.code);
  await build({
    entryPoints: [
      'bench/batch/side-process.ts',
      ...SIDES.filter((side) => side !== 'worker').map((side) => `bench/batch/sides/${side}.ts`),
    ],
    entryNames: '[name]',
    outdir: folder,
    outExtension: { '.js': '.cjs' },
    bundle: true,
    platform: 'node',
    format: 'cjs',
    external: ['sharp'],
    logLevel: 'warning',
  });
  return folder;
}
