import { mkdir, mkdtemp, readdir, rm, rmdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Journal } from '@millrace/local-aws/models';
import { DEFAULT_RECIPE, parseRecipe, recipeId, type Recipe } from '../../src/core/recipe.ts';
import { generationOf } from '../../src/local/recipe-generation.ts';
import { memoryJournal } from '../../packages/local-aws/test/support/memory-journal.ts';

const OTHER = parseRecipe('{"renditions":[{"name":"thumb","width":320}]}');
let folder: string;
let journal: Journal;
let now = 0;
const generation = (recipe: Recipe) => generationOf({ journal, folder, now: () => now }, recipe);
beforeEach(async () => {
  journal = memoryJournal();
  now = 1000;
  folder = await mkdtemp(join(tmpdir(), 'millrace-test-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe("a recipe's generation in a data folder", () => {
  it('stays the same with the same recipe, and grows with each change, even back to an earlier one', async () => {
    const first = await generation(DEFAULT_RECIPE);
    expect(await generation(DEFAULT_RECIPE)).toBe(first);
    const second = await generation(OTHER);
    expect(second).toBeGreaterThan(first);
    const third = await generation(DEFAULT_RECIPE);
    expect(third).toBeGreaterThan(second);
    expect(await generation(DEFAULT_RECIPE)).toBe(third);
  });

  it('grows even if the clock went back', async () => {
    const first = await generation(OTHER);
    now = 0;
    expect(await generation(DEFAULT_RECIPE)).toBe(first + 1);
  });

  it('continues from the file of an earlier version, which is then no longer needed', async () => {
    const kept = { recipeId: recipeId(OTHER), generation: 5000 };
    await writeFile(join(folder, 'recipe-generation.json'), JSON.stringify(kept));
    expect(await generation(OTHER)).toBe(5000);
    expect(await readdir(folder)).toEqual([]);
    expect(await generation(OTHER)).toBe(5000);
  });

  it('is an error if that file is damaged', async () => {
    await writeFile(join(folder, 'recipe-generation.json'), '{"recipeId":');
    await expect(generation(DEFAULT_RECIPE)).rejects.toThrow(/recipe-generation\.json is damaged/);
  });

  it('does not begin anew if that file cannot be read, because older results could win', async () => {
    const file = join(folder, 'recipe-generation.json');
    await mkdir(file);
    await expect(generation(OTHER)).rejects.toThrow('EISDIR');
    await rmdir(file);
    await writeFile(file, JSON.stringify({ recipeId: recipeId(OTHER), generation: 5000 }));
    expect(await generation(OTHER)).toBe(5000);
  });
});
