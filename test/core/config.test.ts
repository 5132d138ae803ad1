import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { defineConfig, type ConfigInput } from '../../src/core/config.ts';
import { defineConversion } from '../../src/core/conversion.ts';
import { DEFAULT_RECIPE, parseDeployedRecipe, recipeId } from '../../src/core/recipe.ts';
import { limitsOf, resultNamesOf, rulesOf } from '../../src/core/rules.ts';

const csv = defineConversion({
  name: 'csv',
  options: z.strictObject({
    delimiter: z.string().length(1).default(','),
    columns: z.array(z.string()).default([]),
  }),
  renditions: ({ columns }) => (columns.length > 0 ? ['parquet', 'columns'] : ['parquet']),
  limits: { bytes: 1_000_000_000 },
  convert: () => Promise.resolve([]),
});
const pdf = defineConversion({ name: 'pdf', version: 3, convert: () => Promise.resolve([]) });

const mistakes = (input: unknown) => {
  try {
    defineConfig(input as ConfigInput);
  } catch (error) {
    return String(error).replace('InvalidRecipe: ', '').split('\n');
  }
  throw new Error('expected a mistake');
};

const convert = () => Promise.resolve([]);

describe('a configuration', () => {
  it('without conversions is a recipe', () => {
    expect(defineConfig({})).toEqual({ recipe: DEFAULT_RECIPE, conversions: [] });
  });

  it('states in its recipe which uploads its conversions are for, and keeps their code separate', () => {
    const { recipe, conversions } = defineConfig({
      conversions: [
        { conversion: csv, keys: ['*.csv'], options: { columns: ['a'] }, limits: { seconds: 60 } },
        { conversion: pdf, keys: ['*.pdf'] },
      ],
    });
    expect(conversions).toEqual([csv, pdf]);
    expect(recipe.rules).toEqual([
      {
        conversion: 'csv',
        version: 1,
        keys: ['*.csv'],
        renditions: ['parquet', 'columns'],
        options: { columns: ['a'] },
        limits: { bytes: 1_000_000_000, seconds: 60 },
      },
      {
        conversion: 'pdf',
        version: 3,
        keys: ['*.pdf'],
        renditions: ['pdf'],
        options: {},
        limits: { bytes: 52_428_800, seconds: 30 },
      },
    ]);
    expect(rulesOf(recipe).map(({ conversion }) => conversion)).toEqual(['csv', 'pdf', 'image']);
    expect(limitsOf(recipe)).toEqual({ bytes: 1_000_000_000, seconds: 60 });
    expect(parseDeployedRecipe(JSON.stringify(recipe))).toEqual(recipe);
  });

  it('may have a default conversion other than images', () => {
    const { recipe } = defineConfig({
      conversions: [{ conversion: pdf, keys: ['*.pdf'] }, { conversion: csv }],
    });
    expect(rulesOf(recipe).map(({ conversion }) => conversion)).toEqual(['pdf', 'csv']);
    expect(resultNamesOf(recipe).rules).toEqual([
      { keys: ['*.pdf'], renditions: ['pdf'] },
      { renditions: ['parquet'] },
    ]);
  });

  it('may have different image conversions for some uploads', () => {
    const options = { renditions: [{ name: 'avatar', width: 64 }], limits: {} };
    const { recipe, conversions } = defineConfig({
      conversions: [{ conversion: 'image', keys: ['avatars/**'], options }],
    });
    expect(conversions).toEqual([]);
    expect(recipe.rules[0]).toMatchObject({ conversion: 'image', renditions: ['avatar'] });
  });

  it.each([
    [{ renditions: [{ name: 'A' }] }, 'renditions[0].name: expected lower-case'],
    [
      { conversions: [{ conversion: 'png' }] },
      'conversions[0].conversion: expected what defineConversion returns',
    ],
    [
      { conversions: [{ conversion: csv, options: { delimiter: ';;' } }] },
      'conversions[0].options.delimiter: Too big',
    ],
    [{ conversions: [{ conversion: csv, keys: [] }] }, 'conversions[0].keys: Too small'],
    [
      { conversions: [{ conversion: csv, limits: { seconds: 1000 } }] },
      'conversions[0].limits.seconds: Too big',
    ],
    [
      { conversions: [{ conversion: csv }, { conversion: pdf, keys: ['a'] }] },
      'conversions: only the last conversion can be for all other keys',
    ],
    [
      { conversions: [{ conversion: csv }], renditions: [{ name: 'web' }] },
      'renditions: they are of images, but conversions[0] is for all other uploads',
    ],
    [
      { conversions: [{ conversion: { ...csv, name: 'image' }, keys: ['a'] }] },
      'conversions[0].conversion: the name image is reserved',
    ],
    [
      { conversions: [{ conversion: { ...csv, name: 'source' }, keys: ['a'] }] },
      'conversions[0].conversion: the name source is reserved',
    ],
    [
      {
        conversions: [
          { conversion: csv, keys: ['a'] },
          { conversion: { ...csv }, keys: ['b'] },
        ],
      },
      'conversions[1].conversion: two conversions have the name csv',
    ],
    [
      { conversions: [{ conversion: { ...csv, renditions: () => 'rows' } }] },
      'conversions[0].conversion: renditions of csv: expected a list of names',
    ],
    [{ rendition: [] }, 'Unrecognized key: "rendition"'],
    [[], '(top level): expected an object'],
    [{ conversions: {} }, 'conversions: expected a list'],
    [{ conversions: [null] }, 'conversions[0]: Invalid input: expected object'],
    [{ conversions: [{ conversion: 'image', key: ['*.png'] }] }, 'conversions[0]: Unrecognized key: "key"'],
    [{ conversions: [{ conversion: 'image', limits: 5 }] }, 'conversions[0].limits: Invalid input'],
    [{ rules: [] }, 'rules: name it conversions'],
  ])('with a mistake gets an error with its path: %#', (input, expected) => {
    expect(mistakes(input).join('\n')).toContain(expected);
  });

  it('names results with the extensions of its conversions', () => {
    const resultName = '{key}.{extension}';
    const table = defineConversion({ name: 'table', extension: 'parquet', convert });
    const pages = defineConversion({
      name: 'pages',
      renditions: ['page', 'text'],
      extension: (rendition) => ({ page: 'png' })[rendition],
      convert,
    });
    const avatar = { renditions: [{ name: 'avatar', format: 'source' as const }], limits: {} };
    const { recipe } = defineConfig({ resultName, conversions: [{ conversion: table, keys: ['*.csv'] }] });
    expect(resultNamesOf(recipe)).toEqual({
      renditions: ['web'],
      extensions: { web: 'webp' },
      rules: [{ keys: ['*.csv'], renditions: ['table'], extensions: { table: 'parquet' } }],
    });
    expect(parseDeployedRecipe(JSON.stringify(recipe))).toEqual(recipe);
    const lacking = [
      { conversion: pages, keys: ['*.pdf'] },
      { conversion: 'image' as const, keys: ['avatars/**'], options: avatar },
    ];
    expect(mistakes({ resultName, conversions: lacking })).toEqual([
      expect.stringMatching(/^conversions\[0\]: text has no fixed extension, .* state `extension` /),
      expect.stringMatching(/^conversions\[1\]: avatar has no fixed extension, .* than `source`/),
    ]);
    expect(resultNamesOf(defineConfig({ conversions: lacking }).recipe).rules[0]).toEqual({
      keys: ['*.pdf'],
      renditions: ['page', 'text'],
    });
    expect(mistakes({ conversions: [{ conversion: { ...table, extension: () => 'tar.gz' } }] })).toEqual([
      'conversions[0].conversion: extension of table, "tar.gz": expected an extension of 1 to 16 lower-case letters and digits',
    ]);
  });

  it('may have a rendition named like an inherited object property', () => {
    const options = { renditions: [{ name: 'constructor', format: 'source' as const }] };
    const { recipe } = defineConfig({ conversions: [{ conversion: 'image', keys: ['*.png'], options }] });
    expect(recipe.rules[0]).toMatchObject({ renditions: ['constructor'] });
    expect(recipe.rules[0]).not.toHaveProperty('extensions');
  });

  it('reports all mistakes at once', () => {
    const wrong = { keys: '*.csv', options: { delimiter: 5 }, limits: { seconds: 900 } };
    const conversions = [{ conversion: 'png' }, { conversion: csv, ...wrong }, { keys: [] }, 'csv'];
    const paths = mistakes({ conversions, whenDeleted: 'never' }).map((line) => line.split(': ')[0]);
    expect(paths).toEqual([
      'conversions[0].conversion',
      'conversions[1].keys',
      'conversions[1].limits.seconds',
      'conversions[1].options.delimiter',
      'conversions[2].keys',
      'conversions[2].conversion',
      'conversions[3]',
      'whenDeleted',
    ]);
  });
});

describe("a recipe's id", () => {
  const idOf = (input: ConfigInput) => recipeId(defineConfig(input).recipe);
  const one = { conversion: csv, keys: ['*.csv'] };

  it('depends only on the renditions if there are no conversions, as in earlier versions', () => {
    expect(idOf({})).toBe(recipeId(DEFAULT_RECIPE));
    expect(recipeId(DEFAULT_RECIPE)).toBe('7c64e70f029783d6');
  });

  it('changes with a conversion, its version, its keys and its options, but not with its limits', () => {
    const ids = [
      idOf({}),
      idOf({ conversions: [one] }),
      idOf({ conversions: [{ ...one, keys: ['*.tsv'] }] }),
      idOf({ conversions: [{ ...one, options: { delimiter: ';' } }] }),
      idOf({ conversions: [{ ...one, conversion: { ...csv, version: 2 } }] }),
      idOf({ conversions: [{ conversion: pdf, keys: ['*.csv'] }] }),
    ];
    expect(new Set(ids).size).toBe(ids.length);
    expect(idOf({ conversions: [{ ...one, limits: { seconds: 5 } }] })).toBe(ids[1]);
  });

  it('changes with an extension only if result keys end with it', () => {
    const count = defineConversion({ name: 'count', convert });
    const json = defineConversion({ name: 'count', extension: 'json', convert });
    const text = defineConversion({ name: 'count', extension: 'txt', convert });
    const of = (conversion: typeof count, more = {}) =>
      idOf({ ...more, conversions: [{ conversion, keys: ['*.csv'] }] });
    expect(of(count)).toBe('72965524c1071f8e');
    expect(of(json)).toBe('72965524c1071f8e');
    const named = { resultName: '{key}.{extension}' };
    expect(new Set([of(json), of(json, named), of(text, named)]).size).toBe(3);
  });
});

describe('a conversion', () => {
  it.each([
    [{ name: 'CSV' }, 'the name of a conversion: expected lower-case letters'],
    [{ name: 'csv', version: 0 }, 'the conversion csv: version'],
    [{ name: 'csv', limits: { seconds: 0 } }, 'the conversion csv: limits: seconds'],
    [{ name: 'csv', extension: '.csv' }, 'the conversion csv: extension: expected an extension of 1 to 16'],
  ])('with an invalid value is refused where it is defined: %#', (definition, expected) => {
    expect(() => defineConversion({ ...definition, convert: () => Promise.resolve([]) })).toThrow(expected);
  });
});
