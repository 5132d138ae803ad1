import { describe, expect, it } from 'vitest';
import { isMistyped, nearestCodes } from '../../src/cli/nearest-codes.ts';

const CODES = ['image.corrupt', 'image.too_large', 'process.died', 'aaaa.b', 'aaaa.c', 'aaaa.d', 'aaaa.e'];

describe('the nearest codes', () => {
  it.each([
    ['image.corupt', ['image.corrupt']],
    ['IMAGE.CORRUPT', ['image.corrupt']],
    ['corrupt', ['image.corrupt']],
    ['too-large', ['image.too_large']],
    // Three letters are always allowed to differ, otherwise half of them.
    ['dixyz', ['process.died']],
    ['dxxxx', []],
    ['image.coxxxxx', ['image.corrupt']],
    ['something.else.entirely', []],
  ])('to %s are %j', (text, codes) => {
    expect(nearestCodes(text, CODES).slice(0, 1)).toEqual(codes);
  });

  it('are at most three, the most similar first', () => {
    expect(nearestCodes('aaaa.e', CODES)).toEqual(['aaaa.e', 'aaaa.b', 'aaaa.c']);
  });
});

describe('a mistyped code', () => {
  it('differs from a code in at most two letters', () => {
    expect(
      ['image.corrupt', 'image.corrup', 'imag.corrup', 'ima.corrup'].map((text) => isMistyped(text, CODES)),
    ).toEqual([true, true, true, false]);
    expect(isMistyped('image.corrupt', [])).toBe(false);
  });
});
