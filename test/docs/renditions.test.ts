import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { DEFAULT_RECIPE, recipeSchema } from '../../src/core/recipe.ts';
import { renditionFields } from '../../src/core/rendition.ts';

/** Returns what the rows of the tables before and after the heading are about. */
async function rows(): Promise<{ rendition: Set<string>; rest: Set<string> }> {
  const text = await readFile('docs/renditions.md', 'utf8');
  const [rendition = '', rest = ''] = text.split('## The rest of the recipe');
  const named = (part: string, name: RegExp) =>
    new Set([...part.matchAll(name)].map(([, each = '']) => each));
  return { rendition: named(rendition, /^\| `(\w+)` /gm), rest: named(rest, /^\| `([\w.]+)` /gm) };
}

it('docs/renditions.md has a row for each option of a rendition, and no other', async () => {
  expect((await rows()).rendition).toEqual(new Set(Object.keys(renditionFields.shape)));
});

it('docs/renditions.md has a row for each field of the recipe, and no other', async () => {
  const { $schema: _schema, limits: _limits, ...fields } = recipeSchema.shape;
  const limits = Object.keys(DEFAULT_RECIPE.limits).map((limit) => `limits.${limit}`);
  expect((await rows()).rest).toEqual(new Set([...Object.keys(fields), ...limits]));
});
