import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { defineConversion } from '../../../src/core/conversion.ts';
import { parseRecipe } from '../../../src/core/recipe.ts';
import { createConversions } from '../../../src/worker/conversion/conversions.ts';
import { readyRules, tooLarge } from '../../../src/worker/conversion/rules.ts';

const csv = defineConversion({
  name: 'csv',
  options: z.strictObject({ rows: z.int().default(10) }),
  convert: () => Promise.resolve([]),
});
const LIMITS = { bytes: 1000, seconds: 1 };

/** A recipe whose rules have these conversions and options. */
function recipeWith(...rules: { conversion: string; options: object; keys?: string[] }[]) {
  const complete = rules.map((rule) => ({
    keys: ['*.csv'],
    renditions: [rule.conversion],
    version: 1,
    limits: LIMITS,
    ...rule,
  }));
  return { ...parseRecipe('{}'), rules: complete };
}

describe('the rules of a recipe', () => {
  it('have the code of their conversion and its options, with defaults', () => {
    const recipe = recipeWith({ conversion: 'csv', options: {} });
    const rule = readyRules(recipe, createConversions([csv]))('a.csv');
    expect(rule.code).toBe(csv);
    expect(rule.options).toEqual({ rows: 10 });
  });

  it('cannot run if code is missing or options are wrong, and the error names all of them', () => {
    const recipe = recipeWith(
      { conversion: 'csv', options: { rows: 'many' } },
      { conversion: 'pdf', options: {}, keys: ['*.pdf'] },
    );
    const ready = () => readyRules(recipe, createConversions([csv]));
    expect(ready).toThrow(
      /^the conversions of the recipe cannot run:\n {2}csv: [^]*\n {2}pdf: its code is not/,
    );
  });
});

it('a source may have as many bytes as its rule allows, and no more', () => {
  expect(tooLarge({ limits: LIMITS }, 1000)).toBeUndefined();
  expect(tooLarge({ limits: LIMITS }, 1001)).toMatchObject({
    code: 'source.too_large',
    message: 'the object has 1,001 bytes; the recipe allows 1,000',
  });
});
