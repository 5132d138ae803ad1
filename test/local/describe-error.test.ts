import { expect, it } from 'vitest';
import { describeError } from '../../src/local/describe-error.ts';

it('a full disk is described in one line, and a bug with its stack', () => {
  const full = Object.assign(new Error('write'), { code: 'ENOSPC' });
  expect(describeError(full)).toBe('no space is left on the disk (ENOSPC)');
  expect(describeError(new TypeError('a bug'))).toMatch(
    /^TypeError: a bug\n {4}at .*describe-error\.test\.ts/,
  );
  const bare = new Error('without a stack');
  delete bare.stack;
  expect(describeError(bare)).toBe('without a stack');
  expect(describeError('text')).toBe('text');
});
