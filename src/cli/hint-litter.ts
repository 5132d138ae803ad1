import { LITTER_NAMES } from '../core/litter.ts';
import { quantity } from './format.ts';
import { hint } from './output.ts';

/** Says how many files were left out because an operating system made them. */
export function hintLitter(litter: number): void {
  if (litter > 0) hint(`ignored ${quantity(litter, 'file')} of operating systems (${LITTER_NAMES})`);
}
