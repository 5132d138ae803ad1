import { createHash } from 'node:crypto';
import * as z from 'zod';
import { conversionNameSchema, limitSchemas } from './conversion.ts';
import { LITTER } from './ignored.ts';
import { InvalidRecipe, linesOf } from './invalid-recipe.ts';
import { imageRenditionsSchema, renditionNameSchema, renditionSchema } from './rendition.ts';

const limitsSchema = z.strictObject({
  pixels: z
    .int()
    .min(1)
    .max(2_000_000_000)
    .default(100_000_000)
    .describe('Pixels of the decoded source, all frames together.'),
  bytes: limitSchemas.bytes,
  pages: z.int().min(1).max(100_000).default(100).describe('Pages or animation frames of the source.'),
  seconds: limitSchemas.seconds,
});

const ignoreSchema = z
  .array(
    z
      .string()
      .regex(/^[^/]{1,64}$/u, 'expected 1 to 64 characters without a slash')
      .refine((pattern) => pattern.isWellFormed(), 'expected Unicode text'),
  )
  .max(50)
  .default([...LITTER])
  .describe(
    'Patterns for the last part of a key: `*` matches any characters, `?` matches one, letter case does not matter. ' +
      'An upload with such a name is not converted. By default what operating systems leave behind; [] converts everything.',
  );

/** What becomes of the results of an upload that is deleted. */
export const WHEN_DELETED = ['keep', 'delete'] as const;

const keysSchema = z.array(z.string().min(1).max(1024)).min(1).max(50);

/** A conversion of the configuration, without its code: which uploads it is for, and what it makes of them. */
const ruleSchema = z.strictObject({
  conversion: conversionNameSchema,
  version: z.int().min(1),
  keys: keysSchema.optional(),
  renditions: z.array(renditionNameSchema).min(1).max(20),
  options: z.unknown(),
  limits: z.strictObject(limitSchemas),
});

/** The recipe file, as `docs/recipe.schema.json` publishes it. */
export const recipeSchema = z.strictObject({
  $schema: z.string().optional().describe('Where an editor finds the schema of this file.'),
  renditions: imageRenditionsSchema.default(() => [
    renditionSchema.parse({ name: 'web', width: 1600, height: 1600 }),
  ]),
  limits: limitsSchema.default(() => limitsSchema.parse({})),
  ignore: ignoreSchema,
  whenDeleted: z
    .enum(WHEN_DELETED)
    .default('keep')
    .describe(
      'What happens to the results and the failure report of an upload when the upload is deleted: `keep` them, ' +
        'or `delete` them as well.',
    ),
});

/** The recipe as functions get it: a recipe file has no conversions, because their code is not in it. */
const deployedRecipeSchema = recipeSchema.extend({
  rules: z
    .array(ruleSchema)
    .max(50)
    .refine(
      (list) => list.slice(0, -1).every(({ keys }) => keys !== undefined),
      'only the last conversion can be for all other keys: the ones after it would never be used',
    )
    .default([]),
});

/** The options of the image conversion. */
export const imageOptionsSchema = z.strictObject({
  renditions: z.array(renditionSchema),
  limits: limitsSchema.omit({ bytes: true, seconds: true }),
});

export type ImageOptions = z.infer<typeof imageOptionsSchema>;
export type RecipeInput = z.input<typeof recipeSchema>;
export type Recipe = Omit<z.infer<typeof deployedRecipeSchema>, '$schema'>;
export type Rule = Recipe['rules'][number];
export type Limits = Recipe['limits'];

export const DEFAULT_RECIPE: Recipe = deployedRecipeSchema.parse({});

/**
 * Reads a recipe file's JSON text.
 * @throws InvalidRecipe naming every mistake by its path
 */
export function parseRecipe(json: string): Recipe {
  return { ...checked(recipeSchema, fromJson(json)), rules: [] };
}

/**
 * Reads a recipe that was deployed, as JSON text.
 * @throws InvalidRecipe naming every mistake by its path
 */
export function parseDeployedRecipe(json: string): Recipe {
  return checked(deployedRecipeSchema, fromJson(json));
}

/**
 * Checks a recipe whose rules are of a configuration.
 * @throws InvalidRecipe naming every mistake by its path in the configuration
 */
export function parseConfiguredRecipe(value: unknown): Recipe {
  return checked(deployedRecipeSchema, value, (line) => line.replace(/^rules/, 'conversions'));
}

function fromJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch (cause) {
    throw new InvalidRecipe(`not JSON: ${String(cause)}`, { cause });
  }
}

/** @param tell changes the line of a mistake */
function checked<T extends { $schema?: string | undefined }>(
  schema: z.ZodType<T>,
  value: unknown,
  tell = (line: string) => line,
): Omit<T, '$schema'> {
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw new InvalidRecipe(linesOf(parsed.error).map(tell).join('\n'));
  const { $schema: _, ...recipe } = parsed.data;
  return recipe;
}

/**
 * Identifies what a recipe makes: results made under the same id from the same source version are the same.
 * Limits, `ignore` and `whenDeleted` are left out: they decide whether there is a result, not what is in it.
 */
export function recipeId({ renditions, rules }: Recipe): string {
  const made = rules.map((rule) => {
    const { limits: _, ...rest } = rule;
    return rest;
  });
  // Without rules, it is what it was before there were any, so that results stay current.
  const parts = made.length === 0 ? renditions : { renditions, rules: made };
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16);
}

/** The names of a recipe's renditions, in its order. */
export function renditionNames({ renditions }: Pick<Recipe, 'renditions'>): string[] {
  return renditions.map(({ name }) => name);
}

/** The schema of the recipe file, for editors: what `docs/recipe.schema.json` holds. */
export function recipeJsonSchema(): object {
  return z.toJSONSchema(recipeSchema, { io: 'input', target: 'draft-7' });
}
