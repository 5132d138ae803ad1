import { writeSync } from 'node:fs';
import { loadConfig } from './config-file.ts';

/**
 * The entry of a process that loads a configuration file for the constructs, which cannot wait for a module to load. It
 * writes the recipe to file descriptor 3, because modules may write to standard output, and mistakes to standard error.
 */
const [, , file = ''] = process.argv;
try {
  const { recipe } = await loadConfig(file);
  writeSync(3, JSON.stringify(recipe));
  // A module may have opened something that would keep the process alive.
  process.exit(0);
} catch (error) {
  writeSync(2, describe(error));
  process.exit(1);
}

/** The module may have its own copy of the class `InvalidRecipe`. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.name === 'InvalidRecipe' ? error.message : (error.stack ?? error.message);
}
