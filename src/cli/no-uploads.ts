import { CommandError, EXIT } from './exit-codes.ts';
import { printable } from './format.ts';

/** Returns the error for a prefix that no upload has, which may be mistyped. */
export function noUploads(prefix: string): CommandError {
  return new CommandError(EXIT.someFailed, `no upload has the key or prefix ${printable(prefix)}`);
}
