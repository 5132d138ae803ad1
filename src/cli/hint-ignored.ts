import { printable, quantity } from './format.ts';
import { hint } from './output.ts';

/** Prints how many files were left out because of their names. */
export function hintIgnored(files: number, ignore: readonly string[]): void {
  if (files > 0) hint(printable(`ignored ${quantity(files, 'file')} (${ignore.join(', ')})`));
}
