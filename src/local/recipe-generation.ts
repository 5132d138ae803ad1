import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { recipeId, type Recipe } from '../core/recipe.ts';
import { parseJson } from '../core/parse-json.ts';
import { isMissing } from './is-missing.ts';

const deployedSchema = z.object({ recipeId: z.string(), generation: z.int().min(1) });

/**
 * Returns the generation of a recipe in a data folder, as the deployment's custom resource does for a stack: a new one
 * whenever the recipe differs from that of the last start, even if it is an earlier recipe.
 * @throws Error when the folder cannot be written, or its file was changed by hand
 */
export async function generationOf(folder: string, recipe: Recipe): Promise<number> {
  const file = join(folder, 'recipe-generation.json');
  const last = await readLast(file);
  const id = recipeId(recipe);
  if (last?.recipeId === id) return last.generation;
  // Clocks can go backwards.
  const generation = Math.max(Date.now(), (last?.generation ?? 0) + 1);
  const draft = `${file}.new`;
  await writeFile(draft, JSON.stringify({ recipeId: id, generation }));
  await rename(draft, file);
  return generation;
}

async function readLast(file: string) {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
  const parsed = deployedSchema.safeParse(parseJson(text));
  if (!parsed.success)
    throw new Error(
      `${file} is damaged: it must contain {"recipeId": "…", "generation": …}; restore it from a backup`,
    );
  return parsed.data;
}
