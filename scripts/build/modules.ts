import { readFile } from 'node:fs/promises';
import { basename, dirname, relative, resolve } from 'node:path';
import { build, type BuildOptions, type Metafile, type Plugin } from 'esbuild';
import { DIST, fillFolder, writeFiles } from './outputs.ts';
import { REPLACED, removeReplaced } from './replaced.ts';
import { withoutLocales } from './zod-locales.ts';

/** Packages with a binary that npm must choose for the machine. */
export const BINARIES = ['sharp', 'classic-level'];
/** Loaded only if needed: to read TypeScript on Node 20. */
const OPTIONAL = ['jiti'];
/** Packages that the importing project installs, in the version of its choice. */
const SHARED = ['zod', '@aws-sdk/client-s3', '@aws-sdk/client-sqs', 'aws-cdk-lib', 'constructs', 'vitest'];
/** Options of every bundle. The output is returned, not written. */
const OUTPUT = {
  bundle: true,
  // Licenses have a separate file: `licensesOf`.
  legalComments: 'none',
  metafile: true,
  write: false,
  logLevel: 'warning',
} satisfies BuildOptions;
/** Defines `require`, with which bundled CommonJS packages load Node's modules. */
const REQUIRE =
  "import { createRequire as makeRequire } from 'node:module'; const require = makeRequire(import.meta.url);";

/**
 * Bundles the programs: the command, the local pipeline, the worker's process and its runtime. They share chunks, and
 * each subcommand is loaded when it is called.
 */
export function buildProgram(): Promise<Metafile> {
  return buildModules('program', [...BINARIES, ...OPTIONAL], {
    cli: 'src/cli/main.ts',
    local: 'src/local/index.ts',
    worker: 'src/local/worker.ts',
    'file-worker': 'src/local/files/worker.ts',
    'print-configuration': 'src/local/print-configuration.ts',
    runtime: 'packages/local-aws/src/lambda/runtime.ts',
  });
}

/** Bundles the modules that other projects import, except the local pipeline. */
export function buildLibrary(): Promise<Metafile> {
  return buildModules('library', [...BINARIES, ...SHARED], {
    index: 'src/index.ts',
    cdk: 'cdk/index.ts',
    testing: 'src/testing/index.ts',
    worker: 'src/worker/index.ts',
  });
}

/** Bundles the HTTP API's client, which imports nothing from Node, because it also runs in browsers. */
export function buildClient(): Promise<Metafile> {
  return buildFile('client/index.js', 'src/client/index.ts', {
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
  });
}

/** Bundles `millrace/config`, separately, so that configuration files do not load the SDK. */
export function buildConfig(): Promise<Metafile> {
  return buildFile('config/index.js', 'src/config.ts', {
    external: SHARED,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
  });
}

/** Also bundles the constructs as CommonJS, because Jest, which `cdk init` sets up, cannot `require` ES modules. */
export function buildCommonJs(): Promise<Metafile> {
  return buildFile('commonjs/cdk.cjs', 'cdk/index.ts', {
    external: SHARED,
    format: 'cjs',
    platform: 'node',
    target: 'node20.19',
    define: { 'import.meta.url': '__filename' },
  });
}

/** Bundles an entry into the only file of a folder in `dist`. */
async function buildFile(path: string, entry: string, options: BuildOptions): Promise<Metafile> {
  const { outputFiles, metafile } = await build({ ...options, ...OUTPUT, entryPoints: [entry] });
  await fillFolder(`${DIST}/${dirname(path)}`, new Map([[basename(path), outputFiles[0]?.contents ?? '']]));
  return metafile;
}

/**
 * Bundles entries, with shared chunks, into a folder in `dist`. Programs running from there can still load the chunks
 * of the build that they started with.
 * @param external packages not to bundle
 */
export async function buildModules(
  name: string,
  external: string[],
  entryPoints: Record<string, string>,
): Promise<Metafile> {
  const folder = `${DIST}/${name}`;
  const { metafile, outputFiles } = await build({
    entryPoints,
    external,
    outdir: folder,
    chunkNames: 'chunks/[name]-[hash]',
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    mainFields: ['module', 'main'],
    banner: { js: REQUIRE },
    plugins: [dynaliteActions, withoutLocales],
    ...OUTPUT,
  });
  const files = outputFiles.map(({ path, contents }): [string, Uint8Array] => [
    relative(resolve(folder), path).replaceAll('\\', '/'),
    contents,
  ]);
  // A program that starts during the build must find the chunks that its entry imports.
  const chunksFirst = files.toSorted(([a], [b]) => Number(b.includes('/')) - Number(a.includes('/')));
  const others = await writeFiles(folder, new Map(chunksFirst));
  await removeReplaced(
    folder,
    others.filter((path) => path !== REPLACED),
  );
  return metafile;
}

/** Dynalite requires its files without extensions, but a bundler needs complete file names. */
const dynaliteActions: Plugin = {
  name: 'dynalite-actions',
  setup({ onLoad }) {
    onLoad({ filter: /node_modules\/dynalite\/index\.js$/ }, async ({ path }) => {
      const text = await readFile(path, 'utf8');
      return {
        contents: text.replaceAll(/require\('(\.\/\w+\/)' \+ action\)/g, "require('$1' + action + '.js')"),
      };
    });
  },
};
