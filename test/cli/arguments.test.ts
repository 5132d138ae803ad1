import { expect, it } from 'vitest';
import { decimalNumber, wholeNumber } from '../../src/cli/arguments.ts';

it.each(['1', '20', '007'])('a whole number can be %s', (text) => {
  expect(wholeNumber(1, 20)(text)).toBe(Number(text));
});

it.each(['', '0', '21', '-1', '1.5', '1e1', '0x2', ' 2', '2 ', '2s', 'many'])(
  'a whole number from 1 to 20 cannot be %j',
  (text) => {
    expect(() => wholeNumber(1, 20)(text)).toThrow(`a whole number from 1 to 20, got "${text}"`);
  },
);

it.each(['0.5', '1', '12.25', '99.99', '100'])('a number can be %s', (text) => {
  expect(decimalNumber(0.5, 100)(text)).toBe(Number(text));
});

it.each(['', '0.4', '100.01', '-1', '.5', '1.', '1e1', '1,5', ' 2', '2 ', '2.5x', 'x2.5', 'many'])(
  'a number from 0.5 to 100 cannot be %j',
  (text) => {
    expect(() => decimalNumber(0.5, 100)(text)).toThrow(`a number from 0.5 to 100, got "${text}"`);
  },
);
