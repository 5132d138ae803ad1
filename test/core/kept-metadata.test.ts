import { describe, expect, it } from 'vitest';
import { parseDeployedRecipe, parseRecipe, recipeId } from '../../src/core/recipe.ts';
import { renditionMistakes } from '../support/rendered.ts';

const parsed = (metadata?: string[]) =>
  parseRecipe(JSON.stringify({ renditions: [{ name: 'web', ...(metadata && { metadata }) }] }));

describe('the metadata that a rendition keeps', () => {
  it('gives the recipe another id, which its canonical form keeps', () => {
    const { renditions } = parsed(['copyright', 'position']);
    expect(renditions[0]).toMatchObject({ metadata: ['copyright', 'position'] });
    expect(parseDeployedRecipe(JSON.stringify({ renditions })).renditions).toEqual(renditions);
    const ids = [undefined, ['copyright'], ['copyright', 'position']].map((kinds) => recipeId(parsed(kinds)));
    expect(new Set(ids).size).toBe(3);
    expect(parsed().renditions[0]).not.toHaveProperty('metadata');
  });

  it('is the same in any order, and named twice', () => {
    const id = recipeId(parsed(['creator', 'date']));
    expect(recipeId(parsed(['date', 'creator']))).toBe(id);
    expect(recipeId(parsed(['creator', 'date', 'creator']))).toBe(id);
  });

  it.each([
    [['gps'], /^renditions\[0\]\.metadata\[0\]: .*position/],
    [[], /^renditions\[0\]\.metadata: /],
    ['copyright', /^renditions\[0\]\.metadata: .*array/],
    [true, /^renditions\[0\]\.metadata: .*array/],
  ])('is refused with its path if it is not a list of kinds: %j', (metadata, message) => {
    expect(renditionMistakes({ metadata })).toMatch(message);
  });
});
