import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { DEFAULT_RECIPE, pipelineRecipe, type Recipe } from '../src/core/recipe.ts';

/** The configuration of a pipeline's conversions. */
export interface Configuration {
  recipe: Recipe;
  /** The code of custom conversions: the configuration file as one CommonJS module. */
  bundle?: string;
}

const { resolve } = createRequire(import.meta.url);

/**
 * Returns the given recipe, the contents of the configuration file, or the default recipe.
 * @throws Error that names the file and every mistake in it
 */
export function readConfiguration({
  recipe,
  config,
}: {
  recipe?: Recipe | undefined;
  config?: string | undefined;
}): Configuration {
  if (config === undefined) return { recipe: pipelineRecipe(recipe ?? DEFAULT_RECIPE) };
  if (recipe !== undefined)
    throw new Error('recipe and config exclude each other: put the recipe into the configuration');
  return readFile(config);
}

/** Reads the file in a separate process, because a construct cannot wait for a module to load. */
function readFile(file: string): Configuration {
  const { status, signal, error, output } = spawnSync(
    process.execPath,
    [resolve('#print-configuration'), file],
    { stdio: ['ignore', 'pipe', 'pipe', 'pipe'], encoding: 'utf8', maxBuffer: Infinity },
  );
  const [, , mistakes, configuration] = output ?? [];
  if (status === 0) return JSON.parse(configuration ?? '') as Configuration;
  const why = error?.message ?? (mistakes?.trim() || `its process ended with ${signal ?? `code ${status}`}`);
  throw new Error(`the configuration ${file} is not usable:\n  ${why.replaceAll('\n', '\n  ')}`);
}
