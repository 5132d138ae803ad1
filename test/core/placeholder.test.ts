import { describe, expect, it } from 'vitest';
import { parseDeployedRecipe, parseRecipe, recipeId } from '../../src/core/recipe.ts';
import { renditionMistakes } from '../support/rendered.ts';

const parsed = (rendition: object) =>
  parseRecipe(JSON.stringify({ renditions: [{ name: 'web', ...rendition }] }));

describe('the placeholder of a rendition', () => {
  it.each(['color', 'thumbhash'])(
    'gives the recipe another id, which its canonical form keeps: %s',
    (placeholder) => {
      const { renditions } = parsed({ placeholder });
      expect(renditions[0]).toMatchObject({ placeholder });
      expect(parseDeployedRecipe(JSON.stringify({ renditions })).renditions).toEqual(renditions);
      expect(recipeId(parsed({ placeholder }))).not.toBe(recipeId(parsed({})));
      expect(parsed({}).renditions[0]).not.toHaveProperty('placeholder');
    },
  );

  it('is refused with its path if there is no such kind', () => {
    expect(renditionMistakes({ placeholder: 'blurhash' })).toMatch(
      /^renditions\[0\]\.placeholder: .*thumbhash/,
    );
  });
});
