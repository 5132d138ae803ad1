import { readFile } from 'node:fs/promises';
import { extname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { configOf, type PipelineConfig } from '../core/config.ts';
import { InvalidRecipe } from '../core/invalid-recipe.ts';
import { parseRecipe } from '../core/recipe.ts';

/**
 * Loads a configuration file: a module that exports a configuration by default, or JSON, which can only hold a recipe.
 * @throws InvalidRecipe naming every mistake; the module's own error when it does not load
 */
export async function loadConfig(file: string): Promise<PipelineConfig> {
  const path = resolve(file);
  if (extname(path) === '.json')
    return { recipe: parseRecipe(await readFile(path, 'utf8')), conversions: [] };
  return configOf(await importModule(path));
}

async function importModule(path: string): Promise<{ default?: unknown }> {
  if (!/\.[cm]?ts$/.test(path) || readsTypeScript())
    return (await import(pathToFileURL(path).href)) as { default?: unknown };
  const { createJiti } = await import('jiti').catch((cause: unknown) => {
    throw new InvalidRecipe(
      `Node ${process.versions.node} cannot read TypeScript: run \`npm install jiti\`, use Node 22.18 or later, or write it in JavaScript`,
      { cause },
    );
  });
  return createJiti(import.meta.url).import<{ default?: unknown }>(path);
}

/** Node strips types by itself since 22.18. https://nodejs.org/api/process.html#processfeaturestypescript */
function readsTypeScript(): boolean {
  return 'typescript' in process.features && process.features.typescript !== false;
}
