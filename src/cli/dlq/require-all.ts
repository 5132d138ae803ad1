import type { Taken } from '../../ops/dead-letters/take.ts';
import { CommandError, EXIT } from '../exit-codes.ts';
import { quantity } from '../format.ts';

/**
 * @param what the command to run again, such as `purge`
 * @throws CommandError if dead letters may still be in the queue
 */
export function requireAll({ notDeleted, unseen }: Omit<Taken, 'taken'>, what: string): void {
  if (notDeleted > 0)
    throw new CommandError(
      EXIT.someFailed,
      `${quantity(notDeleted, 'dead letter')} copied but still in the queue; run the ${what} again`,
    );
  if (unseen > 0)
    throw new CommandError(
      EXIT.someFailed,
      `others kept hiding ${quantity(unseen, 'dead letter')}; run the ${what} again`,
    );
}
