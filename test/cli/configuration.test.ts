import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readConfiguration } from '../../src/cli/configuration.ts';
import { defineConversion } from '../../src/core/conversion.ts';
import { InvalidRecipe } from '../../src/core/invalid-recipe.ts';
import { DEFAULT_RECIPE } from '../../src/core/recipe.ts';
import { createTestFolder, type TestFolder } from '../support/command-folder.ts';

const MARKED = { renditions: [{ name: 'web', watermark: { image: 'logo.png' } }] };

let folder: TestFolder;
beforeAll(async () => {
  const convert = () => Promise.resolve([]);
  Object.assign(globalThis, {
    conversion: defineConversion({ name: 'table', renditions: ['rows'], convert }),
  });
  folder = await createTestFolder();
  await folder.file('recipe.json', '{"renditions":[{"name":"thumb"}]}');
  await folder.file('broken.json', '{"renditions":[],"ignore":1}');
  await folder.image('marked/logo.png');
  await folder.file('marked/recipe.json', JSON.stringify(MARKED));
  await folder.file('missing/recipe.json', JSON.stringify(MARKED));
  await folder.file(
    'own.mjs',
    'export default { conversions: [{ conversion: globalThis.conversion, keys: ["*.csv"] }] };',
  );
  await folder.file('throwing.mjs', 'throw new TypeError("my own mistake");');
});
afterAll(() => folder.remove());

const refuse = () => {
  throw new InvalidRecipe('first mistake\nsecond mistake');
};

describe('a configuration', () => {
  it('is the default recipe if no file is named', async () => {
    expect(await readConfiguration({})).toEqual({ recipe: DEFAULT_RECIPE });
  });

  it.each(['recipe', 'config'])('may be a file with a recipe, named by --%s', async (option) => {
    const { recipe, ...others } = await readConfiguration({ [option]: folder.at('recipe.json') });
    expect(recipe.renditions.map(({ name }) => name)).toEqual(['thumb']);
    expect(others).toEqual({});
  });

  it('names its file if it has conversions, which the workers load', async () => {
    const { recipe, configFile } = await readConfiguration({ config: folder.at('own.mjs') });
    expect(recipe.rules).toMatchObject([{ renditions: ['rows'] }]);
    expect(configFile).toBe(folder.at('own.mjs'));
  });

  it.each(['recipe', 'config'])(
    'of --%s has its images embedded, from the folder of the file',
    async (option) => {
      const { recipe } = await readConfiguration({ [option]: folder.at('marked/recipe.json') });
      expect(recipe.renditions[0]?.watermark?.image).not.toBe('logo.png');
      await expect(readConfiguration({ [option]: folder.at('missing/recipe.json') })).rejects.toMatchObject({
        exitCode: 2,
        message: expect.stringContaining('logo.png'),
      });
    },
  );

  it.each([
    ['recipe', 'broken.json', /^the recipe .*broken\.json is not usable:\n {2}.*\n {2}/],
    ['config', 'broken.json', /^the configuration .*broken\.json is not usable:\n {2}.*\n {2}/],
    ['recipe', 'none.json', /^the recipe .*none\.json could not be read: ENOENT/],
    ['config', 'throwing.mjs', /^the configuration .*throwing\.mjs could not be read: my own mistake/],
    ['config', 'none.mjs', /^the configuration .*none\.mjs could not be read: ENOENT: [^(]*none\.mjs'$/],
  ])('--%s %s is refused', async (option, name, message) => {
    const reading = readConfiguration({ [option]: folder.at(name) });
    await expect(reading).rejects.toThrow(message);
    await expect(reading).rejects.toMatchObject({ exitCode: 2 });
  });

  it.each(['recipe', 'config'])('of --%s is refused if the command cannot use it', async (option) => {
    await expect(readConfiguration({ [option]: folder.at('recipe.json') }, refuse)).rejects.toThrow(
      /is not usable:\n {2}first mistake\n {2}second mistake$/,
    );
  });

  it('is in one file', async () => {
    await expect(readConfiguration({ recipe: 'a', config: 'b' })).rejects.toThrow('exclude each other');
  });
});
