import { describe, expect, it } from 'vitest';
import { parseDeployedRecipe, parseRecipe, recipeId } from '../../src/core/recipe.ts';
import { renditionMistakes } from '../support/rendered.ts';

const parsed = (rendition: object) =>
  parseRecipe(JSON.stringify({ renditions: [{ name: 'web', ...rendition }] }));

describe('the ICC profile of a rendition', () => {
  it.each(['keep', 'srgb'])('gives the recipe another id, which its canonical form keeps: %s', (icc) => {
    const { renditions } = parsed({ icc });
    expect(renditions[0]).toMatchObject({ icc });
    expect(parseDeployedRecipe(JSON.stringify({ renditions })).renditions).toEqual(renditions);
    const ids = [{}, { icc: 'keep' }, { icc: 'srgb' }].map((rendition) => recipeId(parsed(rendition)));
    expect(new Set(ids).size).toBe(3);
    expect(parsed({}).renditions[0]).not.toHaveProperty('icc');
  });

  it.each([
    [
      { background: '#4a90d9' },
      'background: cannot be combined with "icc": "keep", because its colors are in sRGB: remove one of them',
    ],
    [
      { watermark: { image: './logo.png' } },
      'watermark: cannot be combined with "icc": "keep", because its colors are in sRGB',
    ],
  ])("is refused with colors that are in sRGB if it is the source's: %j", (options, message) => {
    expect(renditionMistakes({ icc: 'keep', ...options })).toContain(`renditions[0].${message}`);
    expect(renditionMistakes({ icc: 'srgb', ...options })).toBe('');
    expect(renditionMistakes(options)).toBe('');
  });

  it.each(['webp', 'source'])(
    'is refused together with keepSmaller if it is attached: a kept upload has none (%s)',
    (format) => {
      expect(renditionMistakes({ icc: 'srgb', keepSmaller: true, format })).toContain(
        'renditions[0].icc: leave it out, or keepSmaller',
      );
      expect(renditionMistakes({ icc: 'srgb', keepSmaller: false, format })).toBe('');
      expect(renditionMistakes({ icc: 'keep', keepSmaller: true, format })).toBe('');
    },
  );

  it.each(['p3', true])('is refused with its path if it is anything else: %j', (icc) => {
    expect(renditionMistakes({ icc })).toMatch(/^renditions\[0\]\.icc: .*keep/);
  });
});
