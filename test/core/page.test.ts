import { describe, expect, it } from 'vitest';
import { parseDeployedRecipe, parseRecipe, recipeId } from '../../src/core/recipe.ts';
import { renditionMistakes } from '../support/rendered.ts';

const parsed = (rendition: object) =>
  parseRecipe(JSON.stringify({ renditions: [{ name: 'web', ...rendition }] }));

describe('the page of a rendition', () => {
  it('gives the recipe another id, which its canonical form keeps', () => {
    const { renditions } = parsed({ page: 3 });
    expect(renditions[0]).toMatchObject({ page: 3 });
    expect(parseDeployedRecipe(JSON.stringify({ renditions })).renditions).toEqual(renditions);
    expect(recipeId(parsed({ page: 3 }))).not.toBe(recipeId(parsed({ page: 2 })));
    expect(recipeId(parsed({ page: 2 }))).not.toBe(recipeId(parsed({})));
  });

  it('leaves the id as it was if it is the first', () => {
    expect(recipeId(parsed({ page: 1 }))).toBe(recipeId(parsed({})));
  });

  it.each([0, -1, 1.5, '1', 10_001])('is refused with its path if it is invalid: %j', (page) => {
    expect(renditionMistakes({ page })).toMatch(/^renditions\[0\]\.page: /);
  });
});
