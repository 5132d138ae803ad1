import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { isInvalidRecipe } from '../core/invalid-recipe.ts';
import { DEFAULT_RECIPE, parseRecipe, type Recipe } from '../core/recipe.ts';
import { watermarkImages } from '../core/watermark.ts';
import { loadFailure } from '../local/load-failure.ts';
import { CommandError, EXIT } from './exit-codes.ts';

export interface ConfigurationOptions {
  recipe?: string;
  config?: string;
}

/** A recipe and, if it has custom conversions, the file that the workers load them from. */
export interface Configuration {
  recipe: Recipe;
  configFile?: string;
}

/**
 * Reads the file that `--recipe` or `--config` names. Returns the default recipe if neither is given.
 * @param check throws InvalidRecipe if the command cannot use the recipe
 * @throws CommandError naming the file and every mistake in it
 */
export async function readConfiguration(
  { recipe, config }: ConfigurationOptions,
  check = (parsed: Recipe) => parsed,
): Promise<Configuration> {
  if (recipe !== undefined && config !== undefined)
    throw new CommandError(
      EXIT.wrongUsage,
      '--recipe and --config exclude each other: put the recipe into the configuration',
    );
  if (recipe !== undefined)
    return {
      recipe: await read('recipe', recipe, async () => check(await readRecipe(recipe))),
    };
  if (config === undefined) return { recipe: DEFAULT_RECIPE };
  // Loaded only if a file is named.
  const { loadConfig } = await import('../local/config-file.ts');
  const loaded = await read('configuration', config, async () => {
    const found = await loadConfig(config);
    check(found.recipe);
    return found;
  });
  return loaded.conversions.length === 0
    ? { recipe: loaded.recipe }
    : { recipe: loaded.recipe, configFile: config };
}

async function readRecipe(file: string): Promise<Recipe> {
  const recipe = parseRecipe(await readFile(file, 'utf8'));
  // Loaded only if it has images to embed.
  if (watermarkImages(recipe).length === 0) return recipe;
  const { embedWatermarks } = await import('../local/embed-watermarks.ts');
  return embedWatermarks(recipe, dirname(resolve(file)));
}

async function read<T>(what: string, file: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (cause) {
    const message = isInvalidRecipe(cause)
      ? `the ${what} ${file} is not usable:\n  ${cause.message.replaceAll('\n', '\n  ')}`
      : `the ${what} ${file} could not be read: ${loadFailure(cause, file)}`;
    throw new CommandError(EXIT.wrongUsage, message, { cause });
  }
}
