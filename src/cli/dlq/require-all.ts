import type { Taken } from '../../ops/dead-letters/take.ts';
import { CommandError, EXIT } from '../exit-codes.ts';
import { quantity } from '../format.ts';

/**
 * @param what the command to run again, such as `purge`
 * @throws CommandError if dead letters may still be in the queue
 */
export function requireAll({ notDeleted, unseen }: Omit<Taken, 'taken'>, what: string): void {
  const left: string[] = [];
  if (notDeleted > 0) left.push(`${quantity(notDeleted, 'dead letter')} copied but still in the queue`);
  if (unseen > 0) left.push(`others kept hiding ${quantity(unseen, 'dead letter')}`);
  if (left.length > 0) throw new CommandError(EXIT.someFailed, `${left.join('; ')}; run the ${what} again`);
}
