import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { DockerImage, type BundlingOptions } from 'aws-cdk-lib';
import { Code } from 'aws-cdk-lib/aws-lambda';

/** The functions of a deployment, named after the folders of their built code. */
export type FunctionName = 'worker' | 'api' | 'guard' | 'redrive' | 'reconcile' | 'generation';

const { resolve } = createRequire(import.meta.url);

/** The file in the worker's code that contains the custom conversions. */
export const CONFIGURATION_FILE = 'configuration.js';

/**
 * Returns a function's code: the folder that `npm run build` made and, for the worker, sharp's binary and the decoders.
 * @param bundle the code of custom conversions, for the worker
 */
export function functionCode(name: FunctionName, architecture: 'arm64' | 'x64', bundle?: string): Code {
  const folder = codeFolder(name);
  return Code.fromAsset(folder, name === 'worker' ? { bundling: workerBundling(architecture, bundle) } : {});
}

/** Returns the folder that `npm run build` made. */
export function codeFolder(name: FunctionName): string {
  return dirname(resolve(`#functions/${name}`));
}

/** Returns how sharp's binary, the decoders and the custom conversions are added to the worker's folder. */
export function workerBundling(architecture: 'arm64' | 'x64', bundle?: string): BundlingOptions {
  const folder = codeFolder('worker');
  const install = [
    'npm',
    'ci',
    '--os=linux',
    `--cpu=${architecture}`,
    '--libc=glibc',
    '--include=optional',
    '--prefer-offline',
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
  ] as const;
  return {
    // CDK requires an image, but nothing uses it: npm runs on this machine.
    image: DockerImage.fromRegistry('none'),
    // The command is part of the asset's hash, so the bundle must be too.
    command: [...install, ...(bundle === undefined ? [] : [hashOf(bundle)])],
    local: {
      tryBundle(outputFolder) {
        cpSync(folder, outputFolder, { recursive: true });
        if (bundle !== undefined) writeFileSync(join(outputFolder, CONFIGURATION_FILE), bundle);
        // The app's npm settings, such as its registry and proxy.
        if (existsSync('.npmrc')) cpSync('.npmrc', join(outputFolder, '.npmrc'));
        const said = run(install, outputFolder);
        for (const left of ['.npmrc', 'package-lock.json', 'node_modules/.package-lock.json'])
          rmSync(join(outputFolder, left), { force: true });
        removeUnused(join(outputFolder, 'node_modules'));
        for (const binary of [`sharp-linux-${architecture}`, `sharp-libvips-linux-${architecture}`])
          if (!existsSync(join(outputFolder, 'node_modules/@img', binary)))
            throw new Error(`the worker's binary could not be fetched: npm left out @img/${binary}: ${said}`);
        return true;
      },
    },
  };
}

/** What the worker uses of its decoders, which contain their library several times, and their licenses, by folder. */
const USED: Readonly<Record<string, ReadonlySet<string>>> = {
  'libheif-js': new Set(['package.json', 'LICENSE', 'libheif-wasm']),
  'libheif-js/libheif-wasm': new Set(['LICENSE', 'libheif.js', 'libheif.wasm']),
  '@hyzyla/pdfium': new Set(['package.json', 'LICENSE.md', 'dist']),
  '@hyzyla/pdfium/dist': new Set(['index.cjs', 'pdfium.wasm']),
};

function removeUnused(modules: string): void {
  for (const [name, used] of Object.entries(USED)) {
    const folder = join(modules, name);
    for (const file of existsSync(folder) ? readdirSync(folder) : [])
      if (!used.has(file)) rmSync(join(folder, file), { recursive: true });
  }
}

const hashOf = (text: string) => createHash('sha256').update(text).digest('hex');

/** @throws Error with the command's output */
function run([command, ...args]: readonly [string, ...string[]], cwd: string): string {
  // On Windows, npm is a shell script.
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd,
    encoding: 'utf8',
    shell: process.platform === 'win32',
  });
  if (status === 0) return `${stdout}${stderr}`;
  throw new Error(
    `the worker's binary could not be fetched: ${command} ${args.join(' ')} failed: ${error?.message ?? `${stdout}${stderr}`}`,
  );
}
