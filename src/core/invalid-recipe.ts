import type * as z from 'zod';
// With `z.core`, the bundle would include all of zod, with its 50 locales.
import { toDotPath } from 'zod/v4/core';

/** An invalid recipe or configuration. The message has one line for each mistake, with its path. */
export class InvalidRecipe extends Error {
  override readonly name = 'InvalidRecipe';
}

/** By name: a module that calls `defineConfig` itself has a separate copy of the class. */
export function isInvalidRecipe(error: unknown): error is InvalidRecipe {
  return error instanceof Error && error.name === 'InvalidRecipe';
}

/** Returns a line for each mistake, with its path. */
export function linesOf({ issues }: Pick<z.ZodError, 'issues'>, root = ''): string[] {
  return issues.map(({ path, message }) => {
    const inside = toDotPath(path);
    const dot = root === '' || inside === '' || inside.startsWith('[') ? '' : '.';
    return `${`${root}${dot}${inside}` || '(top level)'}: ${message}`;
  });
}
