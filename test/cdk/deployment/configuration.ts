import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Stack, Token } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { afterAll, describe, expect, it } from 'vitest';
import { ConversionPipeline, type ConversionPipelineProps } from '../../../cdk/index.ts';
import { functionCode } from '../../../cdk/function-code.ts';
import { readSettings } from '../../../cdk/settings.ts';
import { ENV } from '../../../src/core/env.ts';
import { DEFAULT_RECIPE, recipeId, type Recipe } from '../../../src/core/recipe.ts';
import { timingOf } from '../../../src/core/timing.ts';
import { resource, resourcesOf } from '../resources.ts';
import { synthesize, withApp } from '../synthesize.ts';

/** Relative to the app's working folder, here the test's. */
const CONFIG = './test/cdk/configuration/millrace.config.ts';

function templateOf(props: Partial<ConversionPipelineProps>): Template {
  return withApp({}, (app) => {
    const stack = new Stack(app, 'Theirs');
    new ConversionPipeline(stack, 'Pipeline', { uploadBuckets: [{ create: 'texts' }], ...props });
    return Template.fromStack(stack);
  });
}

const workerOf = (template: Template) =>
  resource(template, 'AWS::Lambda::Function', 'PipelineWorker') as {
    Timeout: number;
    EphemeralStorage?: unknown;
    Environment: { Variables: Record<string, string> };
  };
const outputOf = (template: Template, name: string, prefix = 'Pipeline') =>
  (template.findOutputs(`${prefix}${name}`)[`${prefix}${name}`] as { Value: string }).Value;

// Outside the checkout, where nothing is installed.
const folder = realpathSync(mkdtempSync(join(tmpdir(), 'millrace-config-')));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Writes a configuration file in a project without packages. @returns its path */
function file(name: string, contents: string): string {
  writeFileSync(join(folder, name), contents);
  return join(folder, name);
}

/** A conversion in a separate module, without packages. */
const CONVERSION = `{
  name: 'shout', version: 1, stamped: false, streams: false, limits: { bytes: 10, seconds: 10 },
  options: { safeParse: (data) => ({ success: true, data }) },
  renditions: () => ['shout'], convert: async () => [],
}`;

it.each([
  ['workerMemory', 512, 10_240],
  ['workerStorage', 512, 10_240],
  ['concurrency', 2, 1000],
  ['retryConcurrency', 2, 1000],
])('a pipeline refuses a %s that Lambda does not accept, and names the property', (name, min, max) => {
  const expected = `${name}: expected a whole number from ${min} to ${max}, got `;
  for (const value of [min - 1, max + 1, min + 0.5])
    expect(() => templateOf({ [name]: value })).toThrow(expected + value);
});

it('a pipeline accepts numbers at the ends of their ranges, and those known only when it is deployed', () => {
  const ends = [
    { workerMemory: 512, workerStorage: 10_240, concurrency: 2, retryConcurrency: 1000 },
    { workerStorage: Token.asNumber({ Ref: 'Storage' }) },
  ];
  const sizes = ends.map((props) => workerOf(templateOf(props)).EphemeralStorage);
  expect(sizes).toEqual([{ Size: 10_240 }, { Size: { Ref: 'Storage' } }]);
});

describe('a pipeline with a configuration file', () => {
  it("has its rules as an output, from which `status` reads an upload's expected results", () => {
    const template = templateOf({ config: CONFIG });
    expect(JSON.parse(outputOf(template, 'Rules'))).toEqual([{ keys: ['*.txt'], renditions: ['shout'] }]);
    expect(JSON.parse(outputOf(templateOf({}), 'Rules'))).toEqual([]);
  });

  it("outputs its results' extensions if their names end with them", () => {
    const named = templateOf({ recipe: { ...DEFAULT_RECIPE, resultName: '{key}.{extension}' } });
    expect(JSON.parse(outputOf(named, 'Extensions'))).toEqual({ web: 'webp' });
    expect(templateOf({}).findOutputs('PipelineExtensions')).toEqual({});
  });

  it('allows the time that its slowest conversion may take', () => {
    const { Timeout } = workerOf(templateOf({ config: CONFIG }));
    expect(Timeout).toBe(timingOf({ ...DEFAULT_RECIPE.limits, seconds: 60 }).functionTimeoutSeconds);
    expect(Timeout).toBeGreaterThan(workerOf(templateOf({})).Timeout);
  });

  it("passes its recipe and the code's location to the worker, and numbers the recipe", () => {
    const template = templateOf({ config: CONFIG });
    const { Variables } = workerOf(template).Environment;
    const recipe = JSON.parse(Variables[ENV.recipe] ?? '') as Recipe;
    expect(recipe.rules).toMatchObject([{ conversion: 'shout', keys: ['*.txt'] }]);
    expect(Variables[ENV.config]).toBe('./configuration.js');
    expect(workerOf(templateOf({})).Environment.Variables).not.toHaveProperty(ENV.config);
    const [[, { RecipeId }] = ['', {}]] = resourcesOf(template, 'Custom::MillraceRecipeGeneration');
    expect(RecipeId).toBe(recipeId(recipe));
    expect(RecipeId).not.toBe(recipeId(DEFAULT_RECIPE));
    expect(outputOf(template, 'RecipeId')).toBe(RecipeId);
  });

  it("has a different asset if a conversion's code changes", () => {
    const assetOf = (bundle?: string) =>
      withApp({}, (app) => functionCode('worker', 'arm64', bundle).bind(new Stack(app, 'Theirs')).s3Location);
    const keys = [undefined, 'one', 'another'].map((bundle) => assetOf(bundle)?.objectKey);
    expect(new Set(keys).size).toBe(3);
    expect(assetOf('one')?.objectKey).toBe(keys[1]);
  });

  it('can also be deployed from the checkout', () => {
    const { config } = readSettings({ 'millrace:config': CONFIG });
    const deployed = synthesize({ config });
    expect(outputOf(deployed, 'Rules', '')).toBe(outputOf(templateOf({ config: CONFIG }), 'Rules'));
    expect(workerOf(deployed).Environment.Variables[ENV.config]).toBe('./configuration.js');
    expect(() => synthesize({ config }, DEFAULT_RECIPE)).toThrow('recipe and config exclude each other');
  });

  it('needs no esbuild for a recipe without custom code', () => {
    const config = file('recipe.json', '{ "renditions": [{ "name": "thumb", "width": 100 }] }');
    const { Variables } = workerOf(templateOf({ config })).Environment;
    expect(JSON.parse(Variables[ENV.recipe] ?? '')).toMatchObject({ renditions: [{ name: 'thumb' }] });
    expect(Variables).not.toHaveProperty(ENV.config);
  });
});

describe('a pipeline with a configuration in JSON', () => {
  it('has the rules for its images, and no code', () => {
    const conversions = [
      { conversion: 'image', keys: ['*.png'], options: { renditions: [{ name: 'icon' }] } },
    ];
    const template = templateOf({ config: file('rules.json', JSON.stringify({ conversions })) });
    expect(JSON.parse(outputOf(template, 'Rules'))).toEqual([{ keys: ['*.png'], renditions: ['icon'] }]);
    expect(workerOf(template).Environment.Variables).not.toHaveProperty(ENV.config);
  });

  it('reports every mistake with its path', () => {
    const config = file('wrong.json', '{ "conversions": [{ "conversion": "shout" }], "ignore": 1 }');
    expect(() => templateOf({ config })).toThrow(
      /wrong\.json is not usable:\n  conversions\[0\]\.conversion: expected what .*\n  ignore: /,
    );
  });
});

describe('synthesis fails', () => {
  it('with every mistake in the configuration, by its path', () => {
    const config = file(
      'wrong.mjs',
      'export default { conversions: [{ conversion: 7, keys: ["*.txt"] }, { conversion: "image", options: { renditions: 1 } }] };',
    );
    expect(() => templateOf({ config })).toThrow(
      new RegExp(
        `^the configuration ${config} is not usable:\n  conversions\\[0\\]\\.conversion: expected what .*\n  conversions\\[1\\]\\.options\\.renditions: `,
      ),
    );
  });

  it('with result names that two uploads would share', () => {
    const why = 'resultName: in a pipeline, a.jpg and a.png would have the same result';
    const recipe = { ...DEFAULT_RECIPE, resultName: '{stem}.{extension}' as const };
    expect(() => templateOf({ recipe })).toThrow(why);
    const config = file('stem.json', '{ "resultName": "{stem}.{extension}" }');
    expect(() => templateOf({ config })).toThrow(`stem.json is not usable:\n  ${why}`);
  });

  it('with the location of the error in a file that does not load', () => {
    const config = file('broken.mjs', 'export default {};\nthrow new Error("no luck");');
    expect(() => templateOf({ config })).toThrow(/broken\.mjs is not usable:\n[^]*no luck[^]*broken\.mjs:2/);
    expect(() => templateOf({ config: 'none.mjs' })).toThrow(/none\.mjs is not usable:\n[^]*none\.mjs/);
    const silent = file('silent.mjs', 'await new Promise(() => undefined); export default {};');
    expect(() => templateOf({ config: silent })).toThrow('silent.mjs is not usable:');
  });

  it('if there is also a recipe', () => {
    expect(() => templateOf({ config: CONFIG, recipe: DEFAULT_RECIPE })).toThrow(
      'recipe and config exclude each other',
    );
  });

  it("if the configuration's recipe does not fit into a function's environment", () => {
    const config = file(
      'long.mjs',
      `export default { conversions: [{ conversion: 'image', keys: Array.from({ length: 50 }, (_, index) => 'folder'.repeat(20) + index), options: { renditions: [{ name: 'a', width: 1 }], limits: { pixels: 1, pages: 1 } } }] };`,
    );
    expect(() => templateOf({ config })).toThrow(
      /environment of Worker has at least \d+ bytes, more than Lambda's maximum of 4096: use a shorter recipe/,
    );
  });

  it('without esbuild, and says how to install it', () => {
    const config = file(
      'code.mjs',
      `export default { conversions: [{ conversion: ${CONVERSION}, keys: ['*.txt'] }] };`,
    );
    expect(() => templateOf({ config })).toThrow(
      /^the configuration .*code\.mjs is not usable:\n  esbuild bundles its conversions for the worker: run `npm install --save-dev esbuild`$/,
    );
  });

  it('with the import that cannot be bundled', () => {
    mkdirSync(join(folder, 'node_modules'));
    symlinkSync(resolve('node_modules/esbuild'), join(folder, 'node_modules/esbuild'));
    const config = file(
      'waits.mjs',
      `await null;\nexport default { conversions: [{ conversion: ${CONVERSION}, keys: ['*.txt'] }] };`,
    );
    expect(() => templateOf({ config })).toThrow(
      /waits\.mjs is not usable:\n  it could not be bundled: [^]*waits\.mjs:1:0: ERROR: Top-level await/,
    );
  });
});
