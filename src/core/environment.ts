import * as z from 'zod';
import { parseDeployedRecipe } from './recipe.ts';
import { messageOf } from './message-of.ts';

/** A variable that must be set. */
export const textVariable = z.string({ error: 'is not set' }).min(1, 'is empty');

/** Comma-separated. */
export const listVariable = textVariable.transform((list) => list.split(',').map((name) => name.trim()));

/** A positive integer. */
export const countVariable = textVariable
  .transform(Number)
  .pipe(z.int('is not a whole number').min(1, 'is below 1'));

/** The recipe as JSON text. */
export const recipeVariable = textVariable.transform((json, context) => {
  try {
    return parseDeployedRecipe(json);
  } catch (error) {
    context.addIssue({ code: 'custom', message: messageOf(error) });
    return z.NEVER;
  }
});

/**
 * Reads a function's environment.
 * @param whose of which function, for the error
 * @throws Error with one line for each variable that is missing or wrong
 */
export function parseEnvironment<T>(
  schema: z.ZodType<T>,
  env: Readonly<Record<string, string | undefined>>,
  whose: string,
): T {
  const parsed = schema.safeParse(env);
  if (parsed.success) return parsed.data;
  const lines = parsed.error.issues.map((issue) => `  ${issue.path.join('.')} ${issue.message}`);
  throw new Error(`The ${whose}'s environment is not usable:\n${lines.join('\n')}`);
}
