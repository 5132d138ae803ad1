import { writeFileSync, writeSync } from 'node:fs';
import { isInvalidRecipe } from '../core/invalid-recipe.ts';
import { pipelineRecipe } from '../core/recipe.ts';
import { bundleConfig } from './config-bundle.ts';
import { loadConfig } from './config-file.ts';
import { loadFailure } from './load-failure.ts';

/**
 * Entry point of a process that reads a configuration file for the constructs, which cannot wait for a module to
 * load. It writes the recipe and the bundled conversions to file descriptor 3, because modules may write to standard
 * output, and mistakes to standard error.
 */
const [, , file = ''] = process.argv;
try {
  const { recipe, conversions } = await loadConfig(file);
  const bundle = conversions.length === 0 ? undefined : bundleConfig(file);
  writeFileSync(3, JSON.stringify({ recipe: pipelineRecipe(recipe), bundle }));
  // A module may have opened something that would keep the process alive.
  process.exit(0);
} catch (error) {
  writeSync(2, isInvalidRecipe(error) ? error.message : loadFailure(error, file));
  process.exit(1);
}
