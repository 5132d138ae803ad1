import { readdir, readFile, rm } from 'node:fs/promises';
import { minify } from '@swc/core';
import { build, type BuildOptions, type Metafile } from 'esbuild';
import { PAGES_FILE } from '../../src/core/pages-file.ts';
import { LICENSES_FILE, licensesOf } from './licenses.ts';
import { DIST, fillFolder } from './outputs.ts';
import { lazyModules } from './lazy.ts';
import { withoutLocales } from './zod-locales.ts';
import { withoutJsonSchemas } from './zod-json-schemas.ts';

/** The entry of each Lambda function, by folder name. */
const ENTRIES = {
  worker: 'src/worker/lambda.ts',
  api: 'src/api/lambda.ts',
  guard: 'src/guard/lambda.ts',
  redrive: 'src/redrive/lambda.ts',
  reconcile: 'src/reconcile/lambda.ts',
  generation: 'src/generation/lambda.ts',
} as const;

const OPTIONS = {
  bundle: true,
  minify: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  // Tree shaking works on the SDK's ES modules, but not on its CommonJS.
  mainFields: ['module', 'main'],
  // Lambda passes credentials in the environment, except with SnapStart and images. Code that looks elsewhere would
  // only add to the parsing at each start.
  external: [
    '@aws-sdk/credential-provider-http',
    '@aws-sdk/credential-provider-ini',
    '@aws-sdk/credential-provider-process',
    '@aws-sdk/credential-provider-sso',
    '@aws-sdk/credential-provider-web-identity',
    '@smithy/credential-provider-imds',
  ],
  plugins: [withoutLocales],
  legalComments: 'none',
  metafile: true,
  write: false,
  logLevel: 'warning',
} satisfies BuildOptions;

const MANIFEST = { private: true, type: 'commonjs' };

const SHARP = 'node_modules/sharp';
/** sharp's binaries for the worker's architectures. */
const BINARIES = ['arm64', 'x64'].flatMap((architecture) => [
  `@img/sharp-linux-${architecture}`,
  `@img/sharp-libvips-linux-${architecture}`,
]);

export interface Functions {
  bundles: Metafile[];
  /** The packages that npm installs beside the worker's code, apart from sharp's. */
  decoders: string[];
}

/**
 * Builds a folder for each Lambda function: a bundle, its package.json, the licenses of the packages in it and, for the
 * API, the pages. npm installs sharp's binary for the function's architecture from the worker's package.json and lock
 * file.
 * @param pages the files that the API serves to browsers, as JSON
 */
export async function buildFunctions(pages: string): Promise<Functions> {
  const versions = await decoderVersions();
  const decoders = Object.keys(versions);
  const binaries = { ...(await sharpBinaries()), ...versions };
  const names = Object.keys(ENTRIES) as (keyof typeof ENTRIES)[];
  for (const present of await readdir(`${DIST}/functions`).catch(() => []))
    if (!(present in ENTRIES)) await rm(`${DIST}/functions/${present}`, { recursive: true });
  const metafiles = await Promise.all(
    names.map(async (name) => {
      const entries = new Map<string, string>([['index.js', ENTRIES[name]]]);
      const bundles = await bundlesOf(entries);
      const files = new Map([['package.json', json(MANIFEST)]]);
      for (const [file, { code }] of bundles) files.set(file, await shrunk(code));
      if (name === 'worker') {
        files.set('package.json', json({ ...MANIFEST, optionalDependencies: binaries }));
        files.set('package-lock.json', json(await lockOf(binaries)));
      }
      if (name === 'api') files.set(PAGES_FILE, pages);
      const ofFunction = [...bundles.values()].map(({ metafile }) => metafile);
      const licenses = await licensesOf(ofFunction, name === 'worker' ? decoders : []);
      if (licenses !== '') files.set(LICENSES_FILE, licenses);
      await fillFolder(`${DIST}/functions/${name}`, files);
      return ofFunction;
    }),
  );
  return { bundles: metafiles.flat(), decoders };
}

interface Bundle {
  code: string;
  metafile: Metafile;
  /** Lazily loaded modules: source paths by file name. */
  lazy: ReadonlyMap<string, string>;
}

/** Bundles entries and all modules that they load lazily. */
async function bundlesOf(entries: Map<string, string>): Promise<Map<string, Bundle>> {
  const bundles = new Map<string, Bundle>();
  for (const [file, entry] of entries) {
    const bundle = await bundleFunction(entry);
    bundles.set(file, bundle);
    for (const [name, source] of bundle.lazy) entries.set(name, source);
  }
  return bundles;
}

/**
 * Bundles a function as deployed. Includes sharp's JavaScript, to avoid opening 70 files at each start, but not its
 * binary, which sharp finds relative to the bundle. @param minify false for a bundle to profile: it names each module in
 * a comment
 */
export async function bundleFunction(entry: string, { minify: small = true } = {}): Promise<Bundle> {
  const lazy = new Map<string, string>();
  const { outputFiles, metafile } = await build({
    ...OPTIONS,
    minify: small,
    entryPoints: [entry],
    alias: { sharp: `./${SHARP}/dist/index.mjs` },
    define: { 'import.meta.url': '__filename' },
    // Makes them `require`: with `import`, the second minifier would remove the code that identifies exports by name.
    supported: { 'dynamic-import': false },
    // The API describes itself by its schemas.
    plugins: [...OPTIONS.plugins, ...(entry === ENTRIES.api ? [] : [withoutJsonSchemas]), lazyModules(lazy)],
  });
  return { code: outputFiles.map(({ text }) => text).join(''), metafile, lazy };
}

/**
 * Removes unused code from a bundle, such as the descriptions of all S3 operations, which esbuild keeps because their
 * keys are computed. The rest is parsed faster at each start.
 */
export async function shrunk(bundle: string): Promise<string> {
  const { code } = await minify(bundle, {
    module: false,
    compress: { toplevel: true, passes: 2 },
    mangle: { toplevel: true },
    // V8 stores pure ASCII in half the space.
    format: { asciiOnly: true },
  });
  return code;
}

const json = (value: object) => `${JSON.stringify(value, undefined, 2)}\n`;

/** Returns a lock file for these packages, with the hashes from this project's lock file. */
async function lockOf(versions: Readonly<Record<string, string>>): Promise<object> {
  const { lockfileVersion, packages } = JSON.parse(await readFile('package-lock.json', 'utf8')) as {
    lockfileVersion: number;
    packages: Readonly<Record<string, { version: string; integrity: string }>>;
  };
  const locked = Object.entries(versions).map(([name, version]) => {
    const path = `node_modules/${name}`;
    const entry = packages[path];
    if (entry?.version !== version) throw new Error(`package-lock.json does not have ${name} ${version}`);
    return [path, entry];
  });
  return {
    lockfileVersion,
    packages: { '': { optionalDependencies: versions }, ...Object.fromEntries(locked) },
  };
}

/** Returns the versions of the decoders of HEIC and PDF, which are packages of their own (docs/adr/0037, 0043). */
export async function decoderVersions(): Promise<Record<string, string>> {
  const { optionalDependencies } = JSON.parse(await readFile('package.json', 'utf8')) as {
    optionalDependencies: Record<string, string>;
  };
  return optionalDependencies;
}

/** Returns the versions of sharp's binaries; npm installs those that match the architecture. */
async function sharpBinaries(): Promise<Record<string, string>> {
  const { optionalDependencies } = JSON.parse(await readFile(`${SHARP}/package.json`, 'utf8')) as {
    optionalDependencies: Record<string, string>;
  };
  const binaries = BINARIES.map((name) => {
    const version = optionalDependencies[name];
    if (version === undefined) throw new Error(`sharp no longer has ${name}; update BINARIES`);
    return [name, version];
  });
  return Object.fromEntries(binaries) as Record<string, string>;
}
