import type { Taken } from '../../ops/dead-letters/take.ts';
import { CommandError, EXIT } from '../exit-codes.ts';
import { quantity } from '../format.ts';

/**
 * @param what takes the dead letters out of the queue: the command to run again
 * @throws CommandError if some may still be there
 */
export function requireAll({ notDeleted, unseen }: Omit<Taken, 'taken'>, what: string): void {
  if (notDeleted > 0)
    throw new CommandError(EXIT.someFailed, `${quantity(notDeleted, 'dead letter')} copied, but not deleted`);
  if (unseen > 0)
    throw new CommandError(
      EXIT.someFailed,
      `others kept hiding ${quantity(unseen, 'dead letter')}; run the ${what} again`,
    );
}
