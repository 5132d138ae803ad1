import { createHash } from 'node:crypto';
import * as z from 'zod';
import { conversionNameSchema, limitSchemas } from './conversion.ts';
import { DEFAULT_IGNORED } from './ignored.ts';
import { InvalidRecipe, linesOf } from './invalid-recipe.ts';
import { imageRenditionsSchema, renditionNameSchema, renditionSchema } from './rendition.ts';
import { extensionsSchema, hasExtensions, missingExtensions, resultNameSchema } from './result-name.ts';

const limitsSchema = z.strictObject({
  pixels: z
    .int()
    .min(1)
    .max(2_000_000_000)
    .default(100_000_000)
    .describe('Pixels of the decoded source, all frames together.'),
  bytes: limitSchemas.bytes,
  pages: z
    .int()
    .min(1)
    .max(100_000)
    .default(10_000)
    .describe(
      'Frames of an animated source. Of a TIFF, only the first page is read, so its pages do not count.',
    ),
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
  .default([...DEFAULT_IGNORED]);

/** What becomes of the results of an upload that is deleted. */
export const WHEN_DELETED = ['keep', 'delete'] as const;

export const keysSchema = z.array(z.string().min(1).max(1024)).min(1).max(50);

/** A conversion of the configuration, without its code: which uploads it is for, and what it makes of them. */
const ruleSchema = z.strictObject({
  conversion: conversionNameSchema,
  version: z.int().min(1),
  keys: keysSchema.optional(),
  renditions: z.array(renditionNameSchema).min(1).max(20),
  /** Of its results, by rendition: those that it states. */
  extensions: extensionsSchema.optional(),
  options: z.unknown(),
  limits: z.strictObject(limitSchemas),
});

/** The recipe file. */
export const recipeSchema = z.strictObject({
  $schema: z.string().optional().describe('Where an editor finds the schema of this file.'),
  renditions: imageRenditionsSchema.default(() => [
    renditionSchema.parse({ name: 'web', width: 1600, height: 1600 }),
  ]),
  resultName: resultNameSchema,
  limits: limitsSchema.default(() => limitsSchema.parse({})),
  ignore: ignoreSchema,
  whenDeleted: z.enum(WHEN_DELETED).default('keep'),
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
  limits: limitsSchema.omit({ bytes: true, seconds: true }).prefault({}),
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
  return pipelineRecipe(checked(deployedRecipeSchema, fromJson(json)));
}

/**
 * Returns the recipe if a pipeline can use it: `millrace convert` can use more names for results.
 * @throws InvalidRecipe that says what to use instead
 */
export function pipelineRecipe(recipe: Recipe): Recipe {
  if (recipe.resultName === '{stem}.{extension}')
    throw new InvalidRecipe(
      'resultName: in a pipeline, a.jpg and a.png would have the same result; use {key}.{extension}, or leave it out',
    );
  return recipe;
}

/**
 * Checks a recipe whose rules are of a configuration.
 * @throws InvalidRecipe naming every mistake by its path in the configuration
 */
export function parseConfiguredRecipe(value: unknown): Recipe {
  return checked(deployedRecipeSchema, value, (line) => line.replace(/^rules/, 'conversions'));
}

/** @throws InvalidRecipe when the text is not JSON */
export function fromJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch (cause) {
    throw new InvalidRecipe(`not JSON: ${String(cause)}`, { cause });
  }
}

/** @param tell changes the line of a mistake */
function checked<T extends Omit<z.infer<typeof recipeSchema>, 'rules'> & Partial<Pick<Recipe, 'rules'>>>(
  schema: z.ZodType<T>,
  value: unknown,
  tell = (line: string) => line,
): Omit<T, '$schema'> {
  const refuse = (lines: string[]) => new InvalidRecipe(lines.map(tell).join('\n'));
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw refuse(linesOf(parsed.error));
  const missing = missingExtensions({ rules: [], ...parsed.data });
  if (missing.length > 0) throw refuse(missing);
  const { $schema: _, ...recipe } = parsed.data;
  return recipe;
}

/**
 * Identifies what a recipe makes: results made under the same id from the same source version are the same, and have the
 * same keys.
 * Limits, `ignore` and `whenDeleted` are left out: they decide whether there is a result, not what is in it.
 */
export function recipeId({ renditions, rules, resultName }: Recipe): string {
  const names = hasExtensions({ resultName }) ? { resultName } : undefined;
  const made = rules.map((rule) => {
    const { limits: _, extensions, ...rest } = rule;
    return names === undefined ? rest : { ...rest, extensions };
  });
  // Without rules and names, it is what it was before there were any, so that results stay current.
  const parts = made.length === 0 && names === undefined ? renditions : { renditions, rules: made, ...names };
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16);
}

/** The names of a recipe's renditions, in its order. */
export function renditionNames({ renditions }: Pick<Recipe, 'renditions'>): string[] {
  return renditions.map(({ name }) => name);
}
