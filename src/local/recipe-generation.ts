import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import type { Journal } from '@millrace/local-aws/models';
import { recipeId, type Recipe } from '../core/recipe.ts';
import { parseJson } from '../core/parse-json.ts';

const deployedSchema = z.object({ recipeId: z.string(), generation: z.int().min(1) });
type Deployed = z.infer<typeof deployedSchema>;

const KEY = 'recipe/generation';

interface GenerationDeps {
  journal: Journal;
  now(): number;
  /** The data folder, in which earlier versions stored it as a file. */
  folder: string;
}

/**
 * Returns the generation of a recipe in a data folder, as the deployment's custom resource does for a stack: a new
 * number whenever the recipe differs from that of the last start, even if it is an earlier recipe. It is stored in
 * the journal, where damage is detected: if the generation were lost, older results could win.
 * @throws Error if the folder cannot be written, or an earlier version's file was edited
 */
export async function generationOf(
  { journal, now, folder }: GenerationDeps,
  recipe: Recipe,
): Promise<number> {
  const file = join(folder, 'recipe-generation.json');
  const last = (await readKept(journal)) ?? (await readFormer(file));
  const id = recipeId(recipe);
  // Clocks can go backwards.
  const generation = last?.recipeId === id ? last.generation : Math.max(now(), (last?.generation ?? 0) + 1);
  journal.put(KEY, { recipeId: id, generation } satisfies Deployed);
  await journal.flush();
  await rm(file, { force: true });
  return generation;
}

async function readKept(journal: Journal): Promise<Deployed | undefined> {
  for await (const [, value] of journal.entries(KEY)) return deployedSchema.parse(value);
  return undefined;
}

async function readFormer(file: string): Promise<Deployed | undefined> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
  const parsed = deployedSchema.safeParse(parseJson(text));
  if (!parsed.success)
    throw new Error(
      `${file} is damaged: it must contain {"recipeId": "…", "generation": …}; restore it from a backup`,
    );
  return parsed.data;
}
