import { symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PipelineConfig } from '../../src/core/config.ts';
import { ENV } from '../../src/core/env.ts';
import { InvalidRecipe } from '../../src/core/invalid-recipe.ts';
import { bundleConfig } from '../../src/local/config-bundle.ts';
import { conversionsIn, loadConversions } from '../../src/local/config-file.ts';
import { createTestFolder, type TestFolder } from '../support/command-folder.ts';

const EXAMPLE = resolve('examples/millrace.config.ts');
let folder: TestFolder;
beforeAll(async () => {
  folder = await createTestFolder();
});
afterAll(() => folder.remove());

const nameOf = async (file: string) => (await loadConversions(file)).recipe.renditions[0]?.name;

describe('a configuration file', () => {
  it.each([
    ['config.json', '{"renditions":[{"name":"thumb"}]}'],
    ['config.mjs', 'export default { renditions: [{ name: "thumb" }] };'],
    ['config.mts', 'const name: string = "thumb"; export default { renditions: [{ name }] };'],
  ])('can be %s', async (name, text) => {
    expect(await nameOf(await folder.file(name, text))).toBe('thumb');
  });

  it('with an error is refused with this error', async () => {
    const broken = await folder.file('broken.json', '{');
    await expect(loadConversions(broken)).rejects.toThrow(InvalidRecipe);
    const throwing = await folder.file('throwing.mjs', 'throw new TypeError("my own mistake");');
    await expect(loadConversions(throwing)).rejects.toThrow('my own mistake');
    await expect(loadConversions(folder.at('none.mjs'))).rejects.toThrow('none.mjs');
  });

  it('gives the worker its conversions, if the environment names one', async () => {
    const conversions = await conversionsIn({ [ENV.config]: EXAMPLE });
    expect(conversions.map(({ name }) => name)).toContain('parquet');
    expect(await conversionsIn({})).toEqual([]);
  });
});

describe('the bundle of a configuration file', () => {
  it('is one CommonJS module, which can be loaded anywhere', async () => {
    const name = 'deployed/conversions.cjs';
    const file = await folder.file(name, bundleConfig('examples/millrace.config.ts'));
    const { default: config } = createRequire(file)(file) as { default: PipelineConfig };
    expect(config.conversions.map(({ name: conversion }) => conversion)).toContain('parquet');
  });

  it('has the path of its own file as import.meta.url', async () => {
    await symlink(resolve('node_modules'), folder.at('node_modules'));
    const name = "new URL('../thumb', import.meta.url).href.split('/').at(-1)";
    const config = await folder.file('own.mjs', `export default { renditions: [{ name: ${name} }] };`);
    const file = await folder.file('deployed/own.cjs', bundleConfig(config));
    expect(createRequire(file)(file)).toMatchObject({ default: { renditions: [{ name: 'thumb' }] } });
  });

  it('is refused if something it imports is missing', async () => {
    const file = await folder.file('missing.mjs', "import './none.mjs'; export default {};");
    expect(() => bundleConfig(file)).toThrow(/^it could not be bundled: .*none\.mjs/s);
  });

  it('is refused if the project has no esbuild', async () => {
    const other = await createTestFolder();
    const file = await other.file('without.mjs', 'export default {};');
    expect(() => bundleConfig(file)).toThrow('npm install --save-dev esbuild');
    await other.remove();
  });
});
