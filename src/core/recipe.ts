import { createHash } from 'node:crypto';
import * as z from 'zod';
import { conversionNameSchema, limitSchemas } from './conversion.ts';
import { DEFAULT_IGNORED } from './ignored.ts';
import { InvalidRecipe, linesOf } from './invalid-recipe.ts';
import { imageRenditionsSchema, renditionNameSchema, renditionSchema } from './rendition.ts';
import { extensionsSchema, hasExtensions, missingExtensions, resultNameSchema } from './result-name.ts';
import { watermarkMistakes } from './watermark.ts';

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
      'Frames of an animated source, if a result is animated. The pages of a TIFF or PDF do not count.',
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

/** What happens to an upload's results when the upload is deleted. */
export const WHEN_DELETED = ['keep', 'delete'] as const;

export const keysSchema = z.array(z.string().min(1).max(1024)).min(1).max(50);

/** A conversion in the configuration, without its code: the uploads it applies to, and the results it makes. */
const ruleSchema = z.strictObject({
  conversion: conversionNameSchema,
  version: z.int().min(1),
  keys: keysSchema.optional(),
  renditions: z.array(renditionNameSchema).min(1).max(20),
  /** File name extensions of its results, by rendition, where the conversion declares them. */
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

/** The recipe as functions receive it. A recipe file has no conversions, because it cannot contain their code. */
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
 * Parses the JSON text of a recipe file.
 * @throws InvalidRecipe that lists every mistake with its path
 */
export function parseRecipe(json: string): Recipe {
  return { ...checked(recipeSchema, fromJson(json)), rules: [] };
}

/**
 * Parses the JSON text of a deployed recipe.
 * @throws InvalidRecipe that lists every mistake with its path
 */
export function parseDeployedRecipe(json: string): Recipe {
  return withKeysApart(checked(deployedRecipeSchema, fromJson(json)));
}

/**
 * Returns the recipe if a pipeline can use it: with result names that a pipeline supports, and the images of its watermarks.
 * @throws InvalidRecipe that says what to use instead
 */
export function pipelineRecipe(recipe: Recipe): Recipe {
  const mistakes = watermarkMistakes(recipe);
  if (mistakes.length > 0) throw new InvalidRecipe(mistakes.join('\n'));
  return withKeysApart(recipe);
}

function withKeysApart(recipe: Recipe): Recipe {
  if (recipe.resultName === '{stem}.{extension}')
    throw new InvalidRecipe(
      'resultName: in a pipeline, a.jpg and a.png would have the same result; use {key}.{extension}, or leave it out',
    );
  return recipe;
}

/**
 * Validates a recipe whose rules come from a configuration.
 * @throws InvalidRecipe that lists every mistake with its path in the configuration
 */
export function parseConfiguredRecipe(value: unknown): Recipe {
  return checked(deployedRecipeSchema, value, (line) => line.replace(/^rules/, 'conversions'));
}

/** @throws InvalidRecipe if the text is not JSON */
export function fromJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch (cause) {
    throw new InvalidRecipe(`not JSON: ${String(cause)}`, { cause });
  }
}

/** @param tell formats the line for a mistake */
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
 * Returns the id of a recipe. Recipes with the same id make the same results, under the same keys, from the same source
 * version. Limits, `ignore` and `whenDeleted` do not change the id, because they decide only whether there is a result.
 */
export function recipeId({ renditions, rules, resultName }: Recipe): string {
  const names = hasExtensions({ resultName }) ? { resultName } : undefined;
  const made = rules.map((rule) => {
    const { limits: _, extensions, ...rest } = rule;
    return names === undefined ? rest : { ...rest, extensions };
  });
  // A recipe without rules and result names keeps the id from before they existed, so that its results stay current.
  const parts = made.length === 0 && names === undefined ? renditions : { renditions, rules: made, ...names };
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16);
}

/** Returns the names of a recipe's renditions, in the recipe's order. */
export function renditionNames({ renditions }: Pick<Recipe, 'renditions'>): string[] {
  return renditions.map(({ name }) => name);
}
