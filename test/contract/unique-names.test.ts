import { describe, expect, it } from 'vitest';
import { distinctNames, uniqueNames } from '../../src/contract/unique-names.ts';

describe('names in a batch', () => {
  it.each<[string[], string[]]>([
    [
      ['a.jpg', 'b.jpg'],
      ['a.jpg', 'b.jpg'],
    ],
    [
      ['a.jpg', 'a.jpg', 'a.jpg'],
      ['a.jpg', 'a (2).jpg', 'a (3).jpg'],
    ],
    [
      ['a (2).jpg', 'a.jpg', 'a.jpg', 'a.jpg'],
      ['a (2).jpg', 'a.jpg', 'a (3).jpg', 'a (4).jpg'],
    ],
    [
      ['a.jpg', 'a.jpg', 'a (2).jpg'],
      ['a.jpg', 'a (3).jpg', 'a (2).jpg'],
    ],
    [
      ['b.c/d', 'b.c/d'],
      ['b.c/d', 'b.c/d (2)'],
    ],
    [
      ['a.tar.gz', 'a.tar.gz'],
      ['a.tar.gz', 'a.tar (2).gz'],
    ],
    [
      ['d/.x', 'd/.x'],
      ['d/.x', 'd/ (2).x'],
    ],
    [
      ['$&', '$&'],
      ['$&', '$& (2)'],
    ],
  ])('%j become %j, so that no file replaces another', (names, unique) => {
    expect(uniqueNames(names)).toEqual(unique);
  });

  it.each<[string[], string[]]>([
    [
      ['e\u0301.jpg', 'a/b', '\u00e9.jpg', 'a\\b'],
      ['e\u0301.jpg', 'a/b', '\u00e9 (2).jpg', 'a/b (2)'],
    ],
    [
      ['..', '.', 'x'],
      ['..', '.', 'x'],
    ],
  ])('%j are sent as %j, because the API would make them the same', (names, distinct) => {
    expect(distinctNames(names)).toEqual(distinct);
  });
});
