import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll } from 'vitest';
import { buildPublished } from '../../scripts/build/build.ts';

/** The package as npm publishes it. */
export interface Packed {
  /** A temporary folder with the tarball. */
  folder: string;
  tarball: string;
  files: { path: string }[];
  /**
   * Returns npm's arguments for these names: the tarball for `millrace`, this checkout's versions for its development
   * packages, and other arguments unchanged.
   */
  pinned(words: readonly string[]): string[];
}

/** An environment without this checkout: neither its folder nor the variables that npm and vitest set. */
export const env = {
  PATH: process.env['PATH'],
  HOME: process.env['HOME'],
  AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
  npm_config_prefer_offline: 'true',
};

export function npm(cwd: string, ...args: string[]) {
  return promisify(execFile)('npm', args, { cwd, env, maxBuffer: 64 * 1024 * 1024 });
}

let packing: Promise<Packed> | undefined;
afterAll(async () => {
  if (packing !== undefined) await rm((await packing).folder, { recursive: true, force: true });
});

/** Builds and packs the package, once per test file. */
export function packedPackage(): Promise<Packed> {
  return (packing ??= pack());
}

async function pack(): Promise<Packed> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-package-'));
  await buildPublished();
  const { stdout } = await npm(
    process.cwd(),
    'pack',
    '--ignore-scripts',
    '--json',
    '--pack-destination',
    folder,
  );
  const [{ filename, files }] = JSON.parse(stdout) as [{ filename: string; files: { path: string }[] }];
  const { devDependencies } = JSON.parse(await readFile('package.json', 'utf8')) as {
    devDependencies: Record<string, string>;
  };
  const tarball = join(folder, filename);
  const versions = new Map(
    Object.entries(devDependencies).map(([name, version]) => [name, `${name}@${version}`]),
  ).set('millrace', tarball);
  return { folder, tarball, files, pinned: (words) => words.map((word) => versions.get(word) ?? word) };
}
