import type * as z from 'zod';
// Through `z.core` the bundle would get all of zod, its 50 languages included.
import { toDotPath } from 'zod/v4/core';

/** A recipe or a configuration that cannot be used; the message has one line for each mistake, with its path. */
export class InvalidRecipe extends Error {
  override readonly name = 'InvalidRecipe';
}

/** Returns a line for each mistake, with its path. */
export function linesOf({ issues }: Pick<z.ZodError, 'issues'>, root = ''): string[] {
  return issues.map(({ path, message }) => {
    const inside = toDotPath(path);
    const dot = root === '' || inside === '' || inside.startsWith('[') ? '' : '.';
    return `${`${root}${dot}${inside}` || '(top level)'}: ${message}`;
  });
}
