import * as z from 'zod';
import { InvalidRecipe, linesOf } from './invalid-recipe.ts';

const isFunction = (value: unknown) => typeof value === 'function';
const isSchema = (value: unknown) =>
  typeof value === 'object' && value !== null && 'safeParse' in value && isFunction(value.safeParse);

export function isListOfStrings(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((each) => typeof each === 'string');
}

/** A list, or a function that decides. */
const listOrFunction = (mistake: string) =>
  z.custom((value) => isListOfStrings(value) || isFunction(value), mistake).optional();

/** Checks what TypeScript checks, for JavaScript and for TypeScript whose types were only stripped. */
const definitionSchema = z.strictObject({
  name: z.unknown().optional(),
  version: z.unknown().optional(),
  limits: z.unknown().optional(),
  extension: z.unknown().optional(),
  accepts: listOrFunction('expected a list of content types or a function'),
  options: z.custom(isSchema, 'expected a zod schema').optional(),
  renditions: listOrFunction('expected a list of names or a function that returns one'),
  stamped: z.boolean().optional(),
  streams: z.boolean().optional(),
  convert: z.custom(isFunction, 'expected a function'),
});

/**
 * Checks the fields of a conversion's definition, except for those that `defineConversion` checks by their values.
 * @throws InvalidRecipe that names every mistake
 */
export function assertDefinition(definition: { name?: unknown } | undefined): void {
  const { error } = definitionSchema.safeParse(definition);
  if (error === undefined) return;
  const which = typeof definition?.name === 'string' ? `the conversion ${definition.name}` : 'a conversion';
  const lines = linesOf(error).map((line) => `${which}: ${line}`);
  throw new InvalidRecipe(lines.join('\n'));
}
