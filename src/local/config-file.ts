import { access, readFile } from 'node:fs/promises';
import { dirname, extname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { configOf, defineConfig, type ConfigInput, type PipelineConfig } from '../core/config.ts';
import { ENV } from '../core/env.ts';
import { InvalidRecipe } from '../core/invalid-recipe.ts';
import { fromJson } from '../core/recipe.ts';
import { embedWatermarks } from './embed-watermarks.ts';

/**
 * Loads a configuration file and what it names, so that the recipe can be used anywhere.
 * @throws InvalidRecipe that names every mistake; the module's own error if it does not load
 */
export async function loadConfig(file: string): Promise<PipelineConfig> {
  const { recipe, conversions } = await loadConversions(file);
  return { recipe: await embedWatermarks(recipe, dirname(resolve(file))), conversions };
}

/**
 * Loads only the file itself: a module whose default export is a configuration, or JSON, which cannot contain code
 * and so only uses the conversion `image`.
 * @throws InvalidRecipe that names every mistake; the module's own error if it does not load
 */
export async function loadConversions(file: string): Promise<PipelineConfig> {
  const path = resolve(file);
  // Node's own error for a missing module would name a file of Millrace.
  await access(path);
  if (extname(path) === '.json') return defineConfig(fromJson(await readFile(path, 'utf8')) as ConfigInput);
  return configOf(await importModule(path));
}

/** Returns the code of the conversions of the configuration file that the environment names, if any. */
export async function conversionsIn(
  env: Readonly<Record<string, string | undefined>>,
): Promise<PipelineConfig['conversions']> {
  const file = env[ENV.config];
  return file === undefined ? [] : (await loadConversions(file)).conversions;
}

async function importModule(path: string): Promise<{ default?: unknown }> {
  if (!/\.[cm]?ts$/.test(path) || readsTypeScript()) return importFile(path);
  const { createJiti } = await import('jiti').catch((cause: unknown) => {
    throw new InvalidRecipe(
      `Node ${process.versions.node} cannot read TypeScript: run \`npm install jiti\`, use Node 22.18 or later, or write it in JavaScript`,
      { cause },
    );
  });
  return createJiti(import.meta.url).import<{ default?: unknown }>(path);
}

async function importFile(path: string): Promise<{ default?: unknown }> {
  try {
    return (await import(pathToFileURL(path).href)) as { default?: unknown };
  } catch (cause) {
    if (cause instanceof SyntaxError && IS_COMMONJS.test(cause.message))
      throw new InvalidRecipe(
        'its package.json makes it CommonJS: run `npm pkg set type=module`, or let its name end in .mts or .mjs',
        { cause },
      );
    throw cause;
  }
}

/** Node's errors for an ES module in a package without type `module`, as `npm init` makes it. */
const IS_COMMONJS = /^(Cannot use import statement outside a module|Unexpected token 'export')$/;

/** Node strips types since 22.18. https://nodejs.org/api/process.html#processfeaturestypescript */
function readsTypeScript(): boolean {
  return 'typescript' in process.features && process.features.typescript !== false;
}
