import { createRequire } from 'node:module';
import { basename, dirname, resolve } from 'node:path';
import { InvalidRecipe } from '../core/invalid-recipe.ts';
import { messageOf } from '../core/message-of.ts';

/** The part of esbuild's interface that is used here. */
interface Esbuild {
  buildSync(options: Readonly<Record<string, unknown>>): { outputFiles: { text: string }[] };
}

/**
 * Bundles a configuration file, its conversions and their packages into one CommonJS module, with the esbuild of the
 * project that the file belongs to.
 * @throws InvalidRecipe that says how to install esbuild, or why the file cannot be bundled
 */
export function bundleConfig(file: string): string {
  const path = resolve(file);
  const { buildSync } = esbuildOf(path);
  try {
    const { outputFiles } = buildSync({
      entryPoints: [basename(path)],
      // Makes paths in the bundle relative, so that the same files make the same asset anywhere.
      absWorkingDir: dirname(path),
      bundle: true,
      platform: 'node',
      target: 'node24',
      format: 'cjs',
      define: { 'import.meta.url': 'bundleUrl' },
      banner: { js: "const bundleUrl = require('node:url').pathToFileURL(__filename).href;" },
      write: false,
      logLevel: 'silent',
    });
    return outputFiles.map(({ text }) => text).join('');
  } catch (cause) {
    throw new InvalidRecipe(`it could not be bundled: ${messageOf(cause)}`, { cause });
  }
}

function esbuildOf(path: string): Esbuild {
  try {
    return createRequire(path)('esbuild') as Esbuild;
  } catch (cause) {
    throw new InvalidRecipe(
      'esbuild bundles its conversions for the worker: run `npm install --save-dev esbuild`',
      { cause },
    );
  }
}
