import { mkdir, writeFile } from 'node:fs/promises';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseDeployedRecipe, parseRecipe, recipeId, type Recipe } from '../../src/core/recipe.ts';
import { fromDataUrl } from '../../src/core/data-url.ts';
import { loadConfig, loadConversions } from '../../src/local/config-file.ts';
import { embedWatermarks } from '../../src/local/embed-watermarks.ts';
import { createTestFolder, type TestFolder } from '../support/command-folder.ts';

let folder: TestFolder;
beforeAll(async () => {
  folder = await createTestFolder();
});
afterAll(() => folder.remove());

const logo = (width = 8, background = '#ff0000') =>
  sharp({ create: { width, height: 8, channels: 3, background } })
    .png()
    .toBuffer();
const recipeOf = (...images: string[]) =>
  parseRecipe(
    JSON.stringify({ renditions: images.map((image, at) => ({ name: `r${at}`, watermark: { image } })) }),
  );
const imageIn = ({ renditions }: Recipe) => fromDataUrl(renditions[0]?.watermark?.image ?? '');
const mistakes = (recipe: Recipe) => embedWatermarks(recipe, folder.at('')).then(String, String);

describe('the image of a watermark', () => {
  it('is read from the folder of the configuration, and its bytes decide the recipe’s id', async () => {
    await mkdir(folder.at('sub'));
    const file = folder.at('sub/millrace.json');
    await writeFile(file, JSON.stringify({ renditions: recipeOf('./logo.png').renditions }));
    await writeFile(folder.at('sub/logo.png'), await logo());
    const { recipe } = await loadConfig(file);
    expect(Buffer.from(imageIn(recipe) ?? [])).toEqual(await logo());
    expect(parseDeployedRecipe(JSON.stringify(recipe))).toEqual(recipe);
    await writeFile(folder.at('sub/logo.png'), await logo(8, '#00ff00'));
    expect(recipeId((await loadConfig(file)).recipe)).not.toBe(recipeId(recipe));
  });

  it('is read for rules of the image conversion too, and not by the worker, which has it in its environment', async () => {
    const file = folder.at('rules.json');
    const options = { renditions: [{ name: 'icon', watermark: { image: 'rule.png' } }] };
    await writeFile(file, JSON.stringify({ conversions: [{ conversion: 'image', options }] }));
    await expect(loadConfig(file)).rejects.toThrow(
      'conversions[0].options.renditions[0].watermark.image: rule.png could not be read: ENOENT',
    );
    expect((await loadConversions(file)).conversions).toEqual([]);
    await writeFile(folder.at('rule.png'), await logo());
    expect(JSON.stringify((await loadConfig(file)).recipe.rules)).toContain('data:image/png;base64,');
  });

  it('is refused by its path if it is missing, no image, damaged or too large, all at once', async () => {
    const photo = await sharp({
      create: {
        width: 300,
        height: 300,
        channels: 3,
        background: 'red',
        noise: { type: 'gaussian', mean: 128, sigma: 30 },
      },
    })
      .png()
      .toBuffer();
    await writeFile(folder.at('large.png'), photo);
    await writeFile(folder.at('logo.svg'), '<svg xmlns="http://www.w3.org/2000/svg"/>');
    await writeFile(folder.at('half.png'), (await logo(64)).subarray(0, 60));
    await writeFile(folder.at('cut.png'), (await logo(64)).subarray(0, -20));
    await writeFile(folder.at('wide.png'), await logo(4001));
    const files = ['none.png', 'large.png', 'logo.svg', 'half.png', 'wide.png', '.', 'cut.png'];
    const lines = await mistakes(recipeOf(...files));
    expect(lines.split('\n')).toEqual([
      expect.stringMatching(/renditions\[0\]\.watermark\.image: none\.png could not be read: ENOENT/),
      expect.stringMatching(
        /renditions\[1\]\.watermark\.image: large\.png has \d+ bytes; expected at most 32768/,
      ),
      'renditions[2].watermark.image: logo.svg is not a PNG, WebP or JPEG',
      expect.stringMatching(/renditions\[3\]\.watermark\.image: half\.png is damaged: /),
      'renditions[4].watermark.image: wide.png has 4001 × 8 pixels; expected at most 4000 a side',
      expect.stringMatching(/renditions\[5\]\.watermark\.image: \. could not be read: EISDIR/),
      expect.stringMatching(/renditions\[6\]\.watermark\.image: cut\.png is damaged: /),
    ]);
  });

  it('that is a data URL stays what it is', async () => {
    const url = `data:image/png;base64,${(await logo()).toString('base64')}`;
    expect(await embedWatermarks(recipeOf(url), folder.at(''))).toEqual(recipeOf(url));
    expect(await mistakes(recipeOf('data:image/png;base64,iVBORw0KGgo='))).toMatch(/the image is damaged/);
  });
});
