import { describe, expect, it } from 'vitest';
import { mergedName } from '../../../src/cli/convert/collisions.ts';
import { resultPaths } from '../../../src/cli/convert/result-paths.ts';
import { defineConfig } from '../../../src/core/config.ts';
import { defineConversion } from '../../../src/core/conversion.ts';
import { DEFAULT_RECIPE, parseRecipe, type Recipe } from '../../../src/core/recipe.ts';
import { cases, fc } from '../../support/fuzz.ts';

function paths(keys: readonly string[], recipe: Recipe = DEFAULT_RECIPE, tellsNamesApart = true) {
  const { of, ...others } = resultPaths(keys, recipe, tellsNamesApart);
  return { paths: Object.fromEntries(keys.map((key) => [key, of(key)])), ...others };
}

const TWO_SIZES = parseRecipe(
  '{"renditions":[{"name":"small","format":"jpeg"},{"name":"original","format":"source"}]}',
);

const convert = () => Promise.resolve([]);
const CSV = defineConfig({
  conversions: [
    { conversion: defineConversion({ name: 'table', extension: 'parquet', convert }), keys: ['*.csv'] },
    { conversion: defineConversion({ name: 'silent', convert }), keys: ['*.webp'] },
  ],
}).recipe;

describe('result paths', () => {
  it('have the extension of their format', () => {
    expect(paths(['boats.jpg', 'a.b/c', '.hidden', 'x.tar.gz', 'v1.2 draft', 'a.']).paths).toEqual({
      'boats.jpg': ['boats.webp'],
      'a.b/c': ['a.b/c.webp'],
      '.hidden': ['.hidden.webp'],
      'x.tar.gz': ['x.tar.webp'],
      'v1.2 draft': ['v1.2 draft.webp'],
      'a.': ['a..webp'],
    });
    expect(paths(['boats.png'], TWO_SIZES).paths).toEqual({
      'boats.png': ['small/boats.jpg', 'original/boats.png'],
    });
    expect(paths(['t.csv', 'a.webp', 'a.jpg'], CSV).paths).toEqual({
      't.csv': ['t.parquet'],
      'a.webp': ['a.webp'],
      'a.jpg': ['a.jpg.webp'],
    });
  });

  it("are the files' paths if an extension would make them too long for the file system", () => {
    const [long, longest] = [`f/${'ä'.repeat(124)}.jpg`, `f/${'ä'.repeat(125)}x.jpg`];
    expect(paths([long, longest]).paths).toEqual({
      [long]: [`f/${'ä'.repeat(124)}.webp`],
      [longest]: [longest],
    });
    // 255 bytes; 256 are too many. A folder's name does not count.
    const [fits, exceeds] = [`${'l'.repeat(250)}.jpg`, `${'l'.repeat(251)}.jpg`];
    const deep = `${'d'.repeat(200)}/${'l'.repeat(200)}`;
    expect(paths([fits, exceeds, `${deep}.jpg`]).paths).toEqual({
      [fits]: [`${'l'.repeat(250)}.webp`],
      [exceeds]: [exceeds],
      [`${deep}.jpg`]: [`${deep}.webp`],
    });
  });

  it('are as the recipe names them', () => {
    const named = (resultName: string) => parseRecipe(JSON.stringify({ resultName }));
    expect(paths(['a/b.jpg'], named('{key}')).paths).toEqual({ 'a/b.jpg': ['a/b.jpg'] });
    expect(paths(['a/b.jpg'], named('{key}.{extension}')).paths).toEqual({ 'a/b.jpg': ['a/b.jpg.webp'] });
    expect(paths(['a/b.jpg'], named('{stem}.{extension}')).paths).toEqual({ 'a/b.jpg': ['a/b.webp'] });
  });

  it("keep the file's extension if they would collide, also with the files affected by this", () => {
    expect(paths(['a.jpg', 'a.png', 'a.jpg.gif', 'b.jpg'])).toEqual({
      paths: {
        'a.jpg': ['a.jpg.webp'],
        'a.png': ['a.png.webp'],
        'a.jpg.gif': ['a.jpg.gif.webp'],
        'b.jpg': ['b.webp'],
      },
      kept: ['a.jpg', 'a.png', 'a.jpg.gif'],
      colliding: new Map(),
    });
  });

  it('differ in more than case in a case-insensitive folder', () => {
    expect(paths(['A.jpg', 'a.png'], DEFAULT_RECIPE, false).paths).toEqual({
      'A.jpg': ['A.jpg.webp'],
      'a.png': ['a.png.webp'],
    });
    expect(paths(['A.jpg', 'a.png'], DEFAULT_RECIPE, true).kept).toEqual([]);
  });

  it('are never the path of a folder that contains only folders', () => {
    expect(paths(['x/b.png', 'x/b.webp/c/d.png']).paths).toEqual({
      'x/b.png': ['x/b.png.webp'],
      'x/b.webp/c/d.png': ['x/b.webp/c/d.webp'],
    });
  });

  it('are never the path of a folder', () => {
    expect(paths(['a.jpg', 'a.webp/b.jpg'])).toMatchObject({
      paths: { 'a.jpg': ['a.jpg.webp'], 'a.webp/b.jpg': ['a.webp/b.webp'] },
      kept: ['a.jpg'],
    });
  });

  it('do not exist if nothing is possible: an unknown extension, or folders with both names', () => {
    expect(paths(['a', 'a.webp'], CSV)).toMatchObject({ colliding: new Map([['a.webp', 'a']]) });
    expect(paths(['a.jpg', 'a.webp/b', 'a.jpg.webp/c'])).toMatchObject({
      kept: [],
      colliding: new Map([['a.jpg', 'the folder a.jpg.webp']]),
    });
  });

  it('are unique, and short if nothing conflicts', () => {
    const part = fc.constantFrom('a', 'A', 'b', '.jpg', '.JPG', '.png', '.webp', '/');
    const key = fc
      .array(part, { minLength: 1, maxLength: 5 })
      .map((parts) => parts.join(''))
      .filter((text) => text.split('/').every((each) => each !== ''));
    const recipe = fc.constantFrom(
      DEFAULT_RECIPE,
      TWO_SIZES,
      parseRecipe('{"resultName":"{key}.{extension}"}'),
    );
    fc.assert(
      fc.property(
        fc.uniqueArray(key, { maxLength: 12, selector: mergedName }),
        recipe,
        fc.boolean(),
        (keys, chosen, tellsNamesApart) => {
          const { of, kept, colliding } = resultPaths(keys, chosen, tellsNamesApart);
          const stored = keys
            .filter((each) => !colliding.has(each))
            .flatMap(of)
            .map((path) => (tellsNamesApart ? path : mergedName(path)));
          expect(new Set(stored).size).toBe(stored.length);
          for (const each of kept)
            for (const path of of(each))
              expect(path.startsWith(each) || path.includes(`/${each}`)).toBe(true);
          // Results without a conflicting folder get a path.
          const folders = keys.some((each) => each.includes('/'));
          if (!folders) expect(colliding.size).toBe(0);
        },
      ),
      { numRuns: cases(1000) },
    );
  });
});
