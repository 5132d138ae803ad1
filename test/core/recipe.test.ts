import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import {
  DEFAULT_RECIPE,
  InvalidRecipe,
  parseRecipe,
  recipeId,
  recipeJsonSchema,
} from '../../src/core/recipe.ts';

function mistakes(value: unknown): string {
  try {
    parseRecipe(typeof value === 'string' ? value : JSON.stringify(value));
  } catch (error) {
    if (error instanceof InvalidRecipe) return error.message;
    throw error;
  }
  throw new Error('expected the recipe to be refused');
}

describe('the recipe', () => {
  it('is by default one WebP within 1600 x 1600, quality 72, effort 2', () => {
    const web = {
      name: 'web',
      width: 1600,
      height: 1600,
      fit: 'inside',
      format: 'webp',
      quality: 72,
      effort: 2,
      enlarge: false,
    };
    const limits = { pixels: 100_000_000, bytes: 52_428_800, pages: 100, seconds: 30 };
    expect(DEFAULT_RECIPE).toEqual({ renditions: [web], limits });
    expect(parseRecipe('{}')).toEqual(DEFAULT_RECIPE);
  });

  it('may leave out what it does not change', () => {
    const recipe = parseRecipe('{"renditions":[{"name":"thumb","width":320}],"limits":{"seconds":5}}');
    expect(recipe.renditions[0]).toMatchObject({ name: 'thumb', width: 320, fit: 'inside', format: 'webp' });
    expect(recipe.limits).toEqual({ ...DEFAULT_RECIPE.limits, seconds: 5 });
  });

  it('reports every mistake with its path', () => {
    const message = mistakes({
      renditions: [
        { name: 'Web', width: 0, format: 'bmp' },
        { name: 'b', colour: 'red' },
      ],
      limits: { pixels: '1' },
    });
    for (const path of [
      'renditions[0].name',
      'renditions[0].width',
      'renditions[0].format',
      'renditions[1]',
      'limits.pixels',
    ]) {
      expect(message).toContain(path);
    }
    expect(message).toContain('colour');
  });

  it('refuses text that is not JSON, and two renditions of one name', () => {
    expect(mistakes('{')).toContain('not JSON');
    expect(mistakes({ renditions: [{ name: 'a' }, { name: 'a' }] })).toContain('same name');
  });

  it('has another id when it makes something else, and the same when only its limits differ', () => {
    const small = parseRecipe('{"renditions":[{"name":"web","width":800}]}');
    expect(recipeId(small)).not.toBe(recipeId(DEFAULT_RECIPE));
    expect(recipeId(parseRecipe('{"limits":{"seconds":5}}'))).toBe(recipeId(DEFAULT_RECIPE));
  });

  it('is described by the published schema', async () => {
    const published: unknown = JSON.parse(await readFile('docs/recipe.schema.json', 'utf8'));
    expect(published).toEqual(recipeJsonSchema());
  });
});
