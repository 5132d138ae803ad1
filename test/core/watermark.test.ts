import { describe, expect, it } from 'vitest';
import { defineConfig } from '../../src/core/config.ts';
import { parseDeployedRecipe, parseRecipe, pipelineRecipe, recipeId } from '../../src/core/recipe.ts';
import { fromDataUrl, toDataUrl } from '../../src/core/data-url.ts';
import { withWatermarkImages } from '../../src/core/watermark.ts';
import { renditionMistakes } from '../support/rendered.ts';

const parsed = (watermark?: object) =>
  parseRecipe(JSON.stringify({ renditions: [{ name: 'web', ...(watermark && { watermark }) }] }));
const PNG = 'data:image/png;base64,iVBORw0KGgo=';
const OTHER = 'data:image/png;base64,iVBORw0KGgoA';

describe('a watermark', () => {
  it.each([
    { image: OTHER },
    { image: PNG, position: 'left top' },
    { image: PNG, scale: 0.5 },
    { image: PNG, opacity: 0.5 },
    { image: PNG, margin: 8 },
  ])('gives the recipe another id, which its canonical form keeps: %j', (watermark) => {
    const { renditions } = parsed(watermark);
    expect(renditions[0]).toMatchObject({ watermark });
    expect(parseDeployedRecipe(JSON.stringify({ renditions })).renditions).toEqual(renditions);
    for (const other of [undefined, { image: PNG }])
      expect(recipeId(parsed(watermark))).not.toBe(recipeId(parsed(other)));
  });

  it('leaves the id as it was if it states the defaults', () => {
    const defaults = { position: 'right bottom', scale: 0.25, opacity: 1, margin: 0 };
    expect(recipeId(parsed({ image: PNG, ...defaults }))).toBe(recipeId(parsed({ image: PNG })));
    expect(parsed().renditions[0]).not.toHaveProperty('watermark');
  });

  it.each([
    [{}, 'watermark.image: '],
    [{ image: '' }, 'watermark.image: '],
    [
      { image: 'data:image/svg+xml;base64,AAAA' },
      'watermark.image: expected a path, or a data URL in base64',
    ],
    [{ image: 'data:image/png;base64,A?' }, 'watermark.image: expected a path, or a data URL in base64'],
    [
      { image: `data:image/png;base64,${'A'.repeat(44_000)}` },
      'watermark.image: expected a path, or a data URL in base64 of a PNG, WebP or JPEG of at most 32768 bytes',
    ],
    [{ image: PNG, position: 'attention' }, 'watermark.position: '],
    [{ image: PNG, scale: 0 }, 'watermark.scale: '],
    [{ image: PNG, scale: 1.1 }, 'watermark.scale: '],
    [{ image: PNG, opacity: 0 }, 'watermark.opacity: '],
    [{ image: PNG, opacity: 2 }, 'watermark.opacity: '],
    [{ image: PNG, margin: -1 }, 'watermark.margin: '],
    [{ image: PNG, margin: 0.5 }, 'watermark.margin: '],
    [{ image: PNG, text: '©' }, 'watermark: '],
  ])('is refused with its path where it makes no sense: %j', (watermark, message) => {
    expect(renditionMistakes({ watermark })).toContain(`renditions[0].${message}`);
  });

  it('whose image was not read is refused by pipelines, in rules too', () => {
    const recipe = parsed({ image: './logo.png' });
    const why = /^renditions\[0\]\.watermark\.image: \.\/logo\.png was not read, .*`config`/;
    expect(() => pipelineRecipe(recipe)).toThrow(why);
    const options = { renditions: [{ name: 'icon', watermark: { image: './logo.png' } }] };
    const configured = defineConfig({ conversions: [{ conversion: 'image', keys: ['*.png'], options }] });
    expect(() => pipelineRecipe(configured.recipe)).toThrow(
      'conversions[0].options.renditions[0].watermark.image: ./logo.png was not read',
    );
    const embedded = withWatermarkImages(configured.recipe, () => PNG);
    expect(JSON.stringify(pipelineRecipe(embedded).rules)).toContain(PNG);
  });

  it('is refused by pipelines if all images together do not fit into an environment variable', () => {
    const image = `data:image/png;base64,${'A'.repeat(40_000)}`;
    const recipe = (count: number) =>
      parseRecipe(
        JSON.stringify({
          renditions: Array.from({ length: count }, (_, index) => ({
            name: `r${index}`,
            watermark: { image },
          })),
        }),
      );
    expect(pipelineRecipe(recipe(2)).renditions).toHaveLength(2);
    expect(() => pipelineRecipe(recipe(3))).toThrow('have 90000 bytes together; expected at most 65536');
    // Linux limits a variable to 128 KiB.
    expect(JSON.stringify(recipe(2)).length).toBeLessThan(131_072);
  });
});

describe('an image as a data URL', () => {
  it.each([
    ['png', '89504e470d0a1a0a00'],
    ['jpeg', 'ffd8ffe000'],
    ['webp', '524946460000000057454250'],
  ])('is read as it was written: %s', (format, hex) => {
    const bytes = Buffer.from(hex, 'hex');
    const url = toDataUrl(bytes) ?? '';
    expect(url).toMatch(new RegExp(`^data:image/${format};base64,`));
    expect(Buffer.from(fromDataUrl(url) ?? [])).toEqual(bytes);
  });

  it.each(['', '<svg/>', 'GIF89a', 'RIFF0000WAVE'])('does not exist for %j', (text) => {
    expect(toDataUrl(Buffer.from(text))).toBeUndefined();
    expect(fromDataUrl(text)).toBeUndefined();
  });
});
