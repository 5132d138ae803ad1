import { describe, expect, it } from 'vitest';
import { requireAll } from '../../../src/cli/dlq/require-all.ts';

describe('a command that takes dead letters out of the queue', () => {
  it.each([
    [1, 0, '1 dead letter copied but still in the queue; run the purge again'],
    [
      2,
      5,
      '2 dead letters copied but still in the queue; others kept hiding 5 dead letters; run the purge again',
    ],
    [0, 1, 'others kept hiding 1 dead letter; run the purge again'],
  ])('ends with 1 if %i are not deleted and %i were hidden', (notDeleted, unseen, message) => {
    expect(() => requireAll({ notDeleted, unseen }, 'purge')).toThrow(
      expect.objectContaining({ exitCode: 1, message }),
    );
  });

  it('succeeds if none is left', () => {
    expect(() => requireAll({ notDeleted: 0, unseen: 0 }, 'purge')).not.toThrow();
  });
});
