import { describe, expect, it } from 'vitest';
import { compareUtf8 } from '../../src/core/utf8-order.ts';

/** The edges of the ranges that UTF-16 and UTF-8 order differently, and their neighbours. */
const CHARACTERS = ['', '\0', 'a', 'b', '\ud7ff', '\ue000', '\ue001', '\uffff', '\u{10000}', '\u{10ffff}'];
const KEYS = CHARACTERS.flatMap((first) => CHARACTERS.map((second) => first + second));

describe("keys are ordered as in S3's listings", () => {
  it('by their bytes, whichever characters they contain', () => {
    for (const a of KEYS)
      for (const b of KEYS)
        expect(Math.sign(compareUtf8(a, b)), JSON.stringify([a, b])).toBe(
          Buffer.compare(Buffer.from(a), Buffer.from(b)),
        );
  });

  it('a prefix before all keys that start with it', () => {
    expect(['a/b', 'a', 'a/', ''].toSorted(compareUtf8)).toEqual(['', 'a', 'a/', 'a/b']);
  });
});
