import { expect, it } from 'vitest';
import { Rejected, Retryable } from '../../../src/core/errors.ts';
import { translateForeignError } from '../../../src/worker/conversion/foreign-error.ts';

/** An error from a separately bundled conversion, which has its own classes. */
const foreign = (name: string, code: unknown) => Object.assign(new Error('row 7'), { name, code });

/** Returns the name, code and message of what an error of the conversion `csv` becomes. */
function translated(error: unknown): string {
  const { name, code, message } = translateForeignError(error, 'csv');
  return `${name} ${code}: ${message}`;
}

it.each([
  ['a rejection', new Rejected('image.corrupt', 'row 7'), 'Rejected image.corrupt: row 7'],
  ['a rejection of its own', new Rejected('csv.bad_row', 'row 7'), 'Rejected csv.bad_row: row 7'],
  ['a request for a retry', new Retryable('csv.busy', 'row 7'), 'Retryable csv.busy: row 7'],
  ['a rejection of another copy', foreign('Rejected', 'csv.bad_row'), 'Rejected csv.bad_row: row 7'],
  ['a request for a retry of another copy', foreign('Retryable', 'csv.busy'), 'Retryable csv.busy: row 7'],
])('%s from a conversion keeps its code', (_what, error, result) => {
  expect(translated(error)).toBe(result);
});

const failed = (text: string) => `Retryable internal.unexpected: the conversion csv failed: ${text}`;
const wrongCode = (code: string) =>
  `Retryable internal.unexpected: the conversion csv failed with the code "${code}", which should be csv.… : row 7`;

it.each<[string, unknown, string]>([
  ['a bug', new TypeError('a bug'), failed('TypeError: a bug')],
  ['a text', 'a text', failed('a text')],
  ['a system error', foreign('Error', 'ECONNRESET'), failed('Error: row 7')],
  ['a code that is no text', foreign('Rejected', 7), failed('Rejected: row 7')],
  ['an object that looks like a rejection', { name: 'Rejected', code: 'csv.a' }, failed('[object Object]')],
  ['a code of another conversion', new Rejected('pdf.broken', 'row 7'), wrongCode('pdf.broken')],
  ['a malformed code', new Rejected('csv.Bad Row!', 'row 7'), wrongCode('csv.Bad Row!')],
])('%s from a conversion is tried again, and stays the cause', (_what, error, result) => {
  expect(translated(error)).toBe(result);
  expect(translateForeignError(error, 'csv').cause).toBe(error);
});

it('a foreign error stays the cause of its translation', () => {
  for (const [name, code] of [
    ['Rejected', 'csv.bad_row'],
    ['Retryable', 'csv.busy'],
    ['Error', 'ENOSPC'],
  ] as const) {
    const error = foreign(name, code);
    expect(translateForeignError(error, 'csv').cause).toBe(error);
  }
});

it.each(['ENOSPC', 'EDQUOT'])('%s is a full disk', (code) => {
  expect(translated(foreign('Error', code))).toMatch(/^Retryable disk\.full: the disk of .+ is full: row 7$/);
});
