import { readFile } from 'node:fs/promises';
import { InvalidArgumentError } from 'commander';
import { DEFAULT_RECIPE, InvalidRecipe, parseRecipe, type Recipe } from '../core/recipe.ts';
import { CommandError, EXIT } from './exit-codes.ts';

/** A parser for options that take a whole number. */
export function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < min || value > max) {
      throw new InvalidArgumentError(`Expected a whole number from ${min} to ${max}, got "${text}".`);
    }
    return value;
  };
}

/**
 * Reads a recipe file; the default recipe when none is named.
 * @throws CommandError naming the file and every mistake in it
 */
export async function readRecipe(file: string | undefined): Promise<Recipe> {
  if (file === undefined) return DEFAULT_RECIPE;
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    throw new CommandError(EXIT.wrongUsage, `the recipe ${file} could not be read: ${messageOf(cause)}`, {
      cause,
    });
  }
  try {
    return parseRecipe(text);
  } catch (cause) {
    if (!(cause instanceof InvalidRecipe)) throw cause;
    const lines = cause.message.replaceAll('\n', '\n  ');
    throw new CommandError(EXIT.wrongUsage, `the recipe ${file} is not usable:\n  ${lines}`, { cause });
  }
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
