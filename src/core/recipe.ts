import { createHash } from 'node:crypto';
import * as z from 'zod';
// Through `z.core` the bundle would get all of zod, its 50 languages included.
import { toDotPath } from 'zod/v4/core';
import { LITTER } from './ignored.ts';

/** Formats a rendition can ask for; `source` keeps the format of the upload. */
export const RENDITION_FORMATS = ['jpeg', 'png', 'webp', 'avif', 'source'] as const;

/** How a rendition fills its box, as CSS `object-fit` and sharp name it. */
export const FITS = ['inside', 'outside', 'cover', 'fill'] as const;

const dimension = z.int().min(1).max(65_535);

const renditionSchema = z.strictObject({
  name: z
    .string()
    .regex(
      /^[a-z0-9][a-z0-9_-]{0,62}$/,
      'expected lower-case letters, digits, - and _, at most 63 characters',
    )
    .describe('Names the rendition; with several renditions it is the first part of the result key.'),
  width: dimension.optional().describe('Width of the box in pixels; free when left out.'),
  height: dimension.optional().describe('Height of the box in pixels; free when left out.'),
  fit: z.enum(FITS).default('inside').describe('How the image fills its box.'),
  format: z.enum(RENDITION_FORMATS).default('webp').describe('Format of the result.'),
  quality: z.int().min(1).max(100).default(72).describe('Quality of lossy formats, 1 to 100.'),
  effort: z
    .int()
    .min(0)
    .max(9)
    .default(2)
    .describe('Encoder effort, 0 (fast) to 9; capped at what the format knows.'),
  enlarge: z.boolean().default(false).describe('Whether a result may have more pixels than its source.'),
});

/** The highest limits that a recipe may set. */
export const HIGHEST_LIMITS = { seconds: 90, bytes: 2_000_000_000 } as const;

const limitsSchema = z.strictObject({
  pixels: z
    .int()
    .min(1)
    .max(2_000_000_000)
    .default(100_000_000)
    .describe('Pixels of the decoded source, all frames together.'),
  bytes: z.int().min(1).max(HIGHEST_LIMITS.bytes).default(52_428_800).describe('Bytes of the source.'),
  pages: z.int().min(1).max(100_000).default(100).describe('Pages or animation frames of the source.'),
  seconds: z
    .int()
    .min(1)
    .max(HIGHEST_LIMITS.seconds)
    .default(30)
    .describe('Seconds one conversion may take.'),
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

/** The recipe file, as `docs/recipe.schema.json` publishes it. */
export const recipeSchema = z.strictObject({
  $schema: z.string().optional().describe('Where an editor finds the schema of this file.'),
  renditions: z
    .array(renditionSchema)
    .min(1)
    .max(20)
    .default(() => [renditionSchema.parse({ name: 'web', width: 1600, height: 1600 })])
    .refine(
      (list) => new Set(list.map((r) => r.name)).size === list.length,
      'two renditions have the same name',
    ),
  limits: limitsSchema.default(() => limitsSchema.parse({})),
  ignore: ignoreSchema,
});

export type Recipe = Omit<z.infer<typeof recipeSchema>, '$schema'>;
export type Rendition = Recipe['renditions'][number];
export type Limits = Recipe['limits'];

export const DEFAULT_RECIPE: Recipe = recipeSchema.parse({});

/** A recipe that cannot be used; the message has one line for each mistake, with its path. */
export class InvalidRecipe extends Error {
  override readonly name = 'InvalidRecipe';
}

/**
 * Reads a recipe from JSON text.
 * @throws InvalidRecipe naming every mistake by its path
 */
export function parseRecipe(json: string): Recipe {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (cause) {
    throw new InvalidRecipe(`not JSON: ${String(cause)}`, { cause });
  }
  const parsed = recipeSchema.safeParse(value);
  if (!parsed.success) {
    const lines = parsed.error.issues.map(
      (issue) => `${toDotPath(issue.path) || '(top level)'}: ${issue.message}`,
    );
    throw new InvalidRecipe(lines.join('\n'));
  }
  const { $schema: _, ...recipe } = parsed.data;
  return recipe;
}

/**
 * Identifies what a recipe makes: results made under the same id from the same source version are the same.
 * `limits` and `ignore` are left out: they decide whether there is a result, not what is in it.
 */
export function recipeId(recipe: Recipe): string {
  return createHash('sha256').update(JSON.stringify(recipe.renditions)).digest('hex').slice(0, 16);
}

/** The names of a recipe's renditions, in its order. */
export function renditionNames({ renditions }: Pick<Recipe, 'renditions'>): string[] {
  return renditions.map(({ name }) => name);
}

/** The schema of the recipe file, for editors: what `docs/recipe.schema.json` holds. */
export function recipeJsonSchema(): object {
  return z.toJSONSchema(recipeSchema, { io: 'input', target: 'draft-7' });
}
