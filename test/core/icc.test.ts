import { describe, expect, it } from 'vitest';
import { parseDeployedRecipe, parseRecipe, recipeId } from '../../src/core/recipe.ts';
import { renditionMistakes } from '../support/rendered.ts';

const parsed = (rendition: object) =>
  parseRecipe(JSON.stringify({ renditions: [{ name: 'web', ...rendition }] }));

describe('keeping the ICC profile', () => {
  it('gives the recipe another id, which its canonical form keeps', () => {
    const { renditions } = parsed({ icc: 'keep' });
    expect(renditions[0]).toMatchObject({ icc: 'keep' });
    expect(parseDeployedRecipe(JSON.stringify({ renditions })).renditions).toEqual(renditions);
    expect(recipeId(parsed({ icc: 'keep' }))).not.toBe(recipeId(parsed({})));
    expect(parsed({}).renditions[0]).not.toHaveProperty('icc');
  });

  it.each([
    [
      { background: '#4a90d9' },
      'background: cannot be combined with icc, because its colors are in sRGB: remove one of them',
    ],
    [
      { watermark: { image: './logo.png' } },
      'watermark: cannot be combined with icc, because its colors are in sRGB',
    ],
  ])('is refused with colors that are in sRGB: %j', (options, message) => {
    expect(renditionMistakes({ icc: 'keep', ...options })).toContain(`renditions[0].${message}`);
    expect(renditionMistakes(options)).toBe('');
  });

  it.each(['srgb', true])('is refused with its path if it is anything else: %j', (icc) => {
    expect(renditionMistakes({ icc })).toMatch(/^renditions\[0\]\.icc: .*keep/);
  });
});
