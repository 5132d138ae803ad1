import { describe, expect, it } from 'vitest';
import { collisions } from '../../../src/cli/convert/collisions.ts';
import { fc } from '../../support/fuzz.ts';

describe('names in a case-insensitive folder', () => {
  it.each([
    ['case', ['A.jpg', 'a.jpg']],
    ["a folder's case", ['Sub/a.jpg', 'sub/A.jpg']],
    ['composition', ['caf\u00e9.jpg', 'cafe\u0301.jpg']],
  ])('collide because of %s', (_what, [first = '', second = '']) => {
    expect(collisions([first, second, 'other.jpg'])).toEqual(new Map([[second, first]]));
  });

  it('do not collide because of letters with two capitals', () => {
    expect(collisions(['strasse.jpg', 'stra\u00dfe.jpg'])).toEqual(new Map());
  });

  it('are unique without those that collide', () => {
    const name = fc.string({
      unit: fc.constantFrom('a', 'A', 'é', 'É', 'e\u0301', '/'),
      minLength: 1,
      maxLength: 4,
    });
    fc.assert(
      fc.property(fc.uniqueArray(name, { maxLength: 40 }), (names) => {
        const colliding = collisions(names);
        const left = names
          .filter((each) => !colliding.has(each))
          .map((each) => each.normalize('NFC').toLowerCase());
        expect(new Set(left).size).toBe(left.length);
        for (const [other, first] of colliding) {
          expect(colliding.has(first)).toBe(false);
          expect(other).not.toBe(first);
        }
      }),
    );
  });
});
