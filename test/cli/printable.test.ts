import { describe, expect, it } from 'vitest';
import { printable } from '../../src/cli/format.ts';
import { fc } from '../support/fuzz.ts';

describe('foreign text on a terminal', () => {
  it.each([
    ['\u001b[31m', '\\u001b[31m'],
    ['a\nb\tc\r', 'a\\nb\\tc\\r'],
    ['\u007f\u009b', '\\u007f\\u009b'],
    ['gpj.\u202eexe', 'gpj.\\u202eexe'],
    ['é 🏞️', 'é 🏞️'],
  ])('%j is shown as %s', (text, shown) => {
    expect(printable(text)).toBe(shown);
  });

  it('never contains control characters, line breaks or direction marks', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (text) => {
        expect(printable(text)).not.toMatch(/[\p{Cc}\p{Bidi_Control}\u2028\u2029]/u);
      }),
    );
  });
});
