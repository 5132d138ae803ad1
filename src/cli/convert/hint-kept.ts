import { printable, quantity } from '../format.ts';
import { hint } from '../output.ts';

const MOST_NAMED = 3;

/** Lists results whose names may be unexpected. */
export function hintKept(keys: readonly string[]): void {
  if (keys.length === 0) return;
  const named = keys.slice(0, MOST_NAMED).map(printable).join(', ');
  const more = keys.length > MOST_NAMED ? ', …' : '';
  hint(
    `${quantity(keys.length, 'file')} kept the extension in the names of their results, which would be the same without it: ${named}${more}`,
  );
}
