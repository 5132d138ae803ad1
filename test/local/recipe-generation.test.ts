import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DEFAULT_RECIPE, parseRecipe } from '../../src/core/recipe.ts';
import { generationOf } from '../../src/local/recipe-generation.ts';

const OTHER = parseRecipe('{"renditions":[{"name":"thumb","width":320}]}');
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-test-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('the generation of a recipe in a data folder', () => {
  it('stays while the recipe stays, and grows with each change, back to an earlier one too', async () => {
    const first = await generationOf(folder, DEFAULT_RECIPE);
    expect(await generationOf(folder, DEFAULT_RECIPE)).toBe(first);
    const second = await generationOf(folder, OTHER);
    expect(second).toBeGreaterThan(first);
    const third = await generationOf(folder, DEFAULT_RECIPE);
    expect(third).toBeGreaterThan(second);
    expect(await generationOf(folder, DEFAULT_RECIPE)).toBe(third);
  });

  it('grows although the clock went back', async () => {
    const future = Date.now() + 86_400_000;
    await writeFile(
      join(folder, 'recipe-generation.json'),
      JSON.stringify({ recipeId: 'x', generation: future }),
    );
    expect(await generationOf(folder, DEFAULT_RECIPE)).toBe(future + 1);
  });

  it('is not made up when its file is damaged', async () => {
    await writeFile(join(folder, 'recipe-generation.json'), '{"recipeId":');
    await expect(generationOf(folder, DEFAULT_RECIPE)).rejects.toThrow(/recipe-generation\.json is damaged/);
  });
});
