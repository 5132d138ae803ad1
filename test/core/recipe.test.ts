import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { InvalidRecipe } from '../../src/core/invalid-recipe.ts';
import {
  DEFAULT_RECIPE,
  parseDeployedRecipe,
  parseRecipe,
  pipelineRecipe,
  recipeId,
} from '../../src/core/recipe.ts';
import { recipeJsonSchema } from '../../src/core/recipe-json-schema.ts';
import { resultNamesOf } from '../../src/core/rules.ts';

function mistakes(value: unknown): string {
  try {
    parseRecipe(typeof value === 'string' ? value : JSON.stringify(value));
  } catch (error) {
    if (error instanceof InvalidRecipe) return error.message;
    throw error;
  }
  throw new Error('expected the recipe to be refused');
}

describe('the recipe', () => {
  it('is by default one WebP within 1600 x 1600, quality 72, effort 2', () => {
    const web = {
      name: 'web',
      width: 1600,
      height: 1600,
      fit: 'inside',
      format: 'webp',
      quality: 72,
      effort: 2,
      enlarge: false,
    };
    const limits = { pixels: 100_000_000, bytes: 52_428_800, pages: 10_000, seconds: 30 };
    expect(DEFAULT_RECIPE).toEqual({
      renditions: [web],
      limits,
      ignore: ['.DS_Store', '._*', 'Thumbs.db', 'desktop.ini'],
      whenDeleted: 'keep',
      rules: [],
    });
    expect(parseRecipe('{}')).toEqual(DEFAULT_RECIPE);
  });

  it('may omit settings that it does not change', () => {
    const recipe = parseRecipe('{"renditions":[{"name":"thumb","width":320}],"limits":{"seconds":5}}');
    expect(recipe.renditions[0]).toMatchObject({ name: 'thumb', width: 320, fit: 'inside', format: 'webp' });
    expect(recipe.limits).toEqual({ ...DEFAULT_RECIPE.limits, seconds: 5 });
  });

  it('reports every mistake with its path', () => {
    const message = mistakes({
      renditions: [
        { name: 'Web', width: 0, format: 'bmp' },
        { name: 'b', colour: 'red' },
      ],
      limits: { pixels: '1' },
    });
    for (const path of [
      'renditions[0].name',
      'renditions[0].width',
      'renditions[0].format',
      'renditions[1]',
      'limits.pixels',
    ]) {
      expect(message).toContain(path);
    }
    expect(message).toContain('colour');
  });

  it('refuses text that is not JSON, and two renditions with the same name', () => {
    expect(mistakes('{')).toContain('not JSON');
    expect(mistakes({ renditions: [{ name: 'a' }, { name: 'a' }] })).toContain('same name');
  });

  it('has a different id if its results differ, and the same if only its limits or ignored names differ', () => {
    const small = parseRecipe('{"renditions":[{"name":"web","width":800}]}');
    expect(recipeId(small)).not.toBe(recipeId(DEFAULT_RECIPE));
    for (const other of ['{"limits":{"seconds":5}}', '{"ignore":[]}'])
      expect(recipeId(parseRecipe(other))).toBe(recipeId(DEFAULT_RECIPE));
  });

  it('keeps its id unless its results have different keys', () => {
    const idOf = (recipe: unknown) => recipeId(parseRecipe(JSON.stringify(recipe)));
    const renditions = [{ name: 'thumb', format: 'jpeg', quality: 72 }];
    expect(idOf({ renditions })).toBe('d1e80a0d3be3c801');
    expect(idOf({ renditions, resultName: '{key}' })).toBe('d1e80a0d3be3c801');
    expect(idOf({ renditions, resultName: '{key}.{extension}' })).not.toBe('d1e80a0d3be3c801');
    expect(idOf({})).toBe('7c64e70f029783d6');
    expect(idOf({ resultName: '{key}.{extension}' })).not.toBe(idOf({}));
  });

  it("has a default quality per format, which for `source` is that of the upload's format", () => {
    const formats = ['webp', 'png', 'jpeg', 'avif', 'source'];
    const { renditions } = parseRecipe(
      JSON.stringify({ renditions: formats.map((format) => ({ name: format, format })) }),
    );
    expect(renditions.map(({ quality }) => quality)).toEqual([72, 72, 68, 54, undefined]);
    expect(JSON.stringify(renditions[0])).toBe(
      '{"name":"webp","fit":"inside","format":"webp","quality":72,"effort":2,"enlarge":false}',
    );
    expect(parseDeployedRecipe(JSON.stringify({ renditions })).renditions).toEqual(renditions);
  });

  it('names results with extensions derived from its formats; `source` has none', () => {
    const renditions = ['jpeg', 'png', 'webp', 'avif'].map((format) => ({ name: format, format }));
    const recipe = parseRecipe(JSON.stringify({ renditions, resultName: '{key}.{extension}' }));
    expect(resultNamesOf(recipe)).toEqual({
      renditions: ['jpeg', 'png', 'webp', 'avif'],
      extensions: { jpeg: 'jpg', png: 'png', webp: 'webp', avif: 'avif' },
      rules: [],
    });
    const source = { renditions: [...renditions, { name: 'original', format: 'source' }] };
    expect(mistakes({ ...source, resultName: '{key}.{extension}' })).toBe(
      'renditions: original has no fixed extension, which resultName needs: choose another format than `source`, or state `extension` in the conversion',
    );
    expect(parseRecipe(JSON.stringify({ ...source, resultName: '{stem}.{extension}' }))).toMatchObject(
      source,
    );
    expect(mistakes({ resultName: '{stem}' })).toMatch(/^resultName: /);
  });

  it("cannot remove an upload's extension in a pipeline, where two uploads would share a result", () => {
    const json = '{"resultName":"{stem}.{extension}"}';
    const why =
      'resultName: in a pipeline, a.jpg and a.png would have the same result; use {key}.{extension}';
    expect(() => pipelineRecipe(parseRecipe(json))).toThrow(why);
    expect(() => parseDeployedRecipe(json)).toThrow(why);
  });

  it('is described by the published schema', async () => {
    const published: unknown = JSON.parse(await readFile('docs/recipe.schema.json', 'utf8'));
    expect(published).toEqual(recipeJsonSchema());
  });

  it('has the defaults that the published schema states', () => {
    const { properties } = recipeJsonSchema() as { properties: Record<string, { default?: unknown }> };
    const stated = Object.entries(properties).flatMap(([name, { default: value }]) =>
      value === undefined ? [] : [[name, value]],
    );
    expect(stated.map(([name]) => name)).toEqual(['renditions', 'limits', 'ignore', 'whenDeleted']);
    expect(parseRecipe(JSON.stringify(Object.fromEntries(stated)))).toEqual(DEFAULT_RECIPE);
    expect(Object.fromEntries(stated)).toMatchObject({ renditions: DEFAULT_RECIPE.renditions });
  });

  it('accepts exactly the values within the bounds', () => {
    const BOUNDS = {
      width: [1, 65_535],
      height: [1, 65_535],
      quality: [1, 100],
      effort: [0, 9],
    } as const;
    for (const [field, [least, most]] of Object.entries(BOUNDS)) {
      const given = (value: number) => ({ renditions: [{ name: 'web', [field]: value }] });
      for (const value of [least, most])
        expect(parseRecipe(JSON.stringify(given(value))).renditions[0]).toHaveProperty(field, value);
      for (const value of [least - 1, most + 1, least + 0.5])
        expect(mistakes(given(value))).toContain(`renditions[0].${field}`);
    }
    const LIMITS = {
      pixels: [1, 2_000_000_000],
      bytes: [1, 2_000_000_000],
      pages: [1, 100_000],
      seconds: [1, 90],
    } as const;
    for (const [field, [least, most]] of Object.entries(LIMITS)) {
      for (const value of [least, most])
        expect(parseRecipe(JSON.stringify({ limits: { [field]: value } })).limits).toHaveProperty(
          field,
          value,
        );
      for (const value of [least - 1, most + 1])
        expect(mistakes({ limits: { [field]: value } })).toContain(`limits.${field}`);
    }
  });

  it('requires rendition names that a key can start with', () => {
    const named = (name: string) => ({ renditions: [{ name }] });
    for (const name of ['w', '0', 'web-2_x', 'x'.repeat(63)])
      expect(parseRecipe(JSON.stringify(named(name))).renditions[0]?.name).toBe(name);
    for (const name of ['', 'Web', '-web', 'a/b', 'a b', 'x'.repeat(64), 'é'])
      expect(mistakes(named(name))).toContain('renditions[0].name');
  });

  it('has at least one rendition and at most twenty', () => {
    const list = (count: number) => ({
      renditions: Array.from({ length: count }, (_, index) => ({ name: `r${index}` })),
    });
    expect(parseRecipe(JSON.stringify(list(20))).renditions).toHaveLength(20);
    expect(mistakes(list(0))).toContain('renditions');
    expect(mistakes(list(21))).toContain('renditions');
  });

  it('ignores names by patterns, each for one segment of a key', () => {
    const ignoring = (pattern: string) => ({ ignore: [pattern] });
    for (const pattern of ['*', 'a.b', 'é', '😀'.repeat(64)])
      expect(parseRecipe(JSON.stringify(ignoring(pattern))).ignore).toEqual([pattern]);
    for (const pattern of ['', 'a/b', '/', 'x'.repeat(65), '\ud800'])
      expect(mistakes(ignoring(pattern))).toContain('ignore[0]');
    expect(mistakes({ ignore: Array.from({ length: 51 }, () => 'x') })).toContain('ignore');
  });

  it('may name its schema, which is not part of it', () => {
    expect(parseRecipe('{"$schema":"recipe.schema.json"}')).toEqual(DEFAULT_RECIPE);
  });

  it('reports each mistake on a separate line, including those of the whole recipe', () => {
    const lines = mistakes({ renditions: [{ name: 'A' }, { name: 'B' }] }).split('\n');
    expect(lines.map((line) => line.split(':')[0])).toEqual(['renditions[0].name', 'renditions[1].name']);
    expect(mistakes('[]')).toMatch(/^\(top level\): /);
  });

  it('is refused with a named error and, if it is not JSON, the cause', () => {
    const error = (() => {
      try {
        return parseRecipe('{');
      } catch (thrown) {
        return thrown;
      }
    })();
    expect(error).toMatchObject({ name: 'InvalidRecipe' });
    expect((error as InvalidRecipe).cause).toBeInstanceOf(SyntaxError);
  });

  it('has an id of 16 hexadecimal digits', () => {
    expect(recipeId(DEFAULT_RECIPE)).toMatch(/^[0-9a-f]{16}$/);
  });
});
