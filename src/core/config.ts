import * as z from 'zod';
import { isListOfStrings } from './assert-definition.ts';
import { isConversionCode } from './code-names.ts';
import { IMAGE } from './rules.ts';
import { limitSchemas, type Conversion, type ConversionLimits } from './conversion.ts';
import { defined } from './defined.ts';
import {
  imageOptionsSchema,
  keysSchema,
  parseConfiguredRecipe,
  recipeSchema,
  renditionNames,
  type ImageOptions,
  type Recipe,
  type RecipeInput,
} from './recipe.ts';
import { imageExtensions } from './rendition.ts';
import { InvalidRecipe, linesOf } from './invalid-recipe.ts';
import { extensionSchema } from './result-name.ts';

/** The uploads that a conversion applies to. */
export interface ConversionUse {
  /** The value that `defineConversion` returns, or `image` for the built-in conversion with different options. */
  conversion: Conversion | typeof IMAGE;
  /**
   * Patterns for keys, such as `*.csv` or `reports/**`, matched without regard to case. A pattern without a slash
   * matches the last part of the key. Only the last conversion can omit them: it then applies to all other uploads.
   */
  keys?: readonly string[];
  /** Validated by the conversion's schema. Must be JSON. */
  options?: unknown;
  /** Overrides the conversion's own. */
  limits?: Partial<ConversionLimits>;
}

/** The contents of a configuration file. */
export interface ConfigInput extends RecipeInput {
  /** The first one that matches an upload's key converts it. If none matches, the image conversion does. */
  conversions?: readonly ConversionUse[];
}

/** A configuration: the recipe, which all functions receive, and the code, which only the worker loads. */
export interface PipelineConfig {
  recipe: Recipe;
  conversions: readonly Conversion[];
}

const useSchema = z.strictObject({
  conversion: z.unknown().optional(),
  keys: keysSchema.optional(),
  options: z.unknown().optional(),
  limits: z.strictObject(limitSchemas).partial().optional(),
});

/**
 * Validates a configuration. Returns the value for the default export of `millrace.config.ts`.
 * @throws InvalidRecipe that lists every mistake with its path
 */
export function defineConfig(input: ConfigInput): PipelineConfig {
  if (!isObject(input)) throw new InvalidRecipe('(top level): expected an object');
  const { conversions = [], ...recipe } = input;
  if (!Array.isArray(conversions)) throw new InvalidRecipe('conversions: expected a list');
  const mistakes: string[] = [];
  const code = new Map<string, Conversion>();
  const rules = conversions.map((use: ConversionUse, index) => {
    const path = `conversions[${index}]`;
    const shape = useSchema.safeParse(use);
    if (!shape.success) mistakes.push(...linesOf(shape.error, path));
    if (!isObject(use)) return undefined;
    const conversion = asConversion(use.conversion);
    if (conversion === undefined) {
      mistakes.push(`${path}.conversion: expected what defineConversion returns, or "${IMAGE}"`);
      return undefined;
    }
    const { name, version, limits } = conversion;
    if (use.conversion !== IMAGE) {
      if (!isConversionCode(`${name}.x`))
        mistakes.push(
          `${path}.conversion: the name ${name} is reserved: error codes of Millrace begin with it`,
        );
      if ((code.get(name) ?? conversion) !== conversion)
        mistakes.push(`${path}.conversion: two conversions have the name ${name}`);
      code.set(name, conversion);
    }
    const options = use.options === undefined ? {} : asJson(use.options);
    const parsed = conversion.options.safeParse(options);
    if (!parsed.success) {
      mistakes.push(...linesOf(parsed.error, `${path}.options`));
      return undefined;
    }
    const renditions: unknown = conversion.renditions(parsed.data);
    if (!isListOfStrings(renditions)) {
      mistakes.push(`${path}.conversion: renditions of ${name}: expected a list of names`);
      return undefined;
    }
    const extensions = defined(
      Object.fromEntries(renditions.map((each) => [each, conversion.extension?.(each, parsed.data)])),
    );
    for (const [rendition, extension] of Object.entries(extensions)) {
      const { error } = extensionSchema.safeParse(extension);
      if (error !== undefined)
        mistakes.push(
          ...linesOf(error, `${path}.conversion: extension of ${rendition}, ${JSON.stringify(extension)}`),
        );
    }
    return {
      conversion: name,
      version,
      keys: use.keys,
      renditions,
      ...(Object.keys(extensions).length === 0 ? {} : { extensions }),
      options,
      limits: { ...limits, ...use.limits },
    };
  });
  for (const [name, instead] of Object.entries(NOT_HERE))
    if (name in recipe) throw new InvalidRecipe(`${name}: ${instead}`);
  if (mistakes.length > 0) throw new InvalidRecipe([...mistakes, ...recipeMistakes(recipe)].join('\n'));
  if (rules.at(-1)?.keys === undefined && rules.length > 0 && recipe.renditions !== undefined)
    throw new InvalidRecipe(
      `renditions: they are of images, but conversions[${rules.length - 1}] is for all other uploads`,
    );
  return { recipe: parseConfiguredRecipe({ ...recipe, rules }), conversions: [...code.values()] };
}

const NOT_HERE = {
  recipe: 'put renditions, limits and ignore here themselves',
  rules: 'name it conversions',
};

function recipeMistakes(recipe: RecipeInput): string[] {
  const { error } = recipeSchema.safeParse(recipe);
  return error === undefined ? [] : linesOf(error);
}

/**
 * Returns the default export of a configuration module.
 * @throws InvalidRecipe that lists every mistake with its path
 */
export function configOf({ default: value }: { default?: unknown }): PipelineConfig {
  if (!isObject(value))
    throw new InvalidRecipe('it has no default export: end it with `export default defineConfig({ … })`');
  return isConfig(value) ? value : defineConfig(value);
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isConfig(value: object): value is PipelineConfig {
  return 'recipe' in value && 'conversions' in value;
}

function asConversion(value: unknown): Conversion | undefined {
  if (value === IMAGE) return builtIn;
  const conversion = value as Partial<Conversion> | undefined | null;
  const isOne =
    typeof conversion?.name === 'string' &&
    typeof conversion.convert === 'function' &&
    typeof conversion.renditions === 'function';
  return isOne ? (conversion as Conversion) : undefined;
}

/** The part of the image conversion that rules depend on. Only the worker has its code. */
const builtIn = {
  name: IMAGE,
  version: 1,
  options: imageOptionsSchema,
  limits: { bytes: 52_428_800, seconds: 30 },
  renditions: renditionNames,
  extension: (rendition: string, { renditions }: ImageOptions) => imageExtensions(renditions)[rendition],
} as unknown as Conversion;

/** The recipe as the worker receives it: as JSON, from the environment. */
function asJson(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value)) as unknown;
}
