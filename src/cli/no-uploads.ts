import { CommandError, EXIT } from './exit-codes.ts';
import { printable } from './format.ts';

/** The error for a prefix that no upload has: it may be mistyped. */
export function noUploads(prefix: string): CommandError {
  return new CommandError(EXIT.someFailed, `no upload has the key or prefix ${printable(prefix)}`);
}
