import { describe, expect, it } from 'vitest';
import { formatWithoutSignature } from '../../../src/worker/conversion/image/without-signature.ts';

const nameOf = (content: Iterable<number>, contentType?: string) =>
  formatWithoutSignature(contentType, Uint8Array.from(content));
const text = (characters: string) => Buffer.from(characters, 'latin1');

describe('TGA', () => {
  /** 300 × 2 pixels of 24 bits. */
  const TRUE_COLOR = [0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 44, 1, 2, 0, 24, 0];
  /** With a color map of 256 colors of 24 bits. */
  const MAPPED = [0, 1, 9, 0, 0, 0, 1, 24, 0, 0, 0, 0, 44, 1, 2, 0, 8, 0];

  it.each([
    ['true color', TRUE_COLOR],
    ['a color map', MAPPED],
    ['grey', TRUE_COLOR.with(2, 11).with(16, 8)],
  ])('is recognized by a header with %s, even if that is all', (_what, header) => {
    expect(nameOf(header)).toBe('TGA');
    expect(nameOf(header, 'image/x-icon')).toBe('TGA');
    expect(nameOf(header.slice(0, -1))).toBeUndefined();
  });

  it.each<[string, number[]]>([
    ['an unknown kind of color map', MAPPED.with(1, 2)],
    ['an unknown type', TRUE_COLOR.with(2, 4)],
    ['a color map that it does not have', TRUE_COLOR.with(7, 24)],
    ['the first color of a map that it does not have', TRUE_COLOR.with(3, 1)],
    ['colors of 12 bits', MAPPED.with(7, 12)],
    ['pixels of 12 bits', TRUE_COLOR.with(16, 12)],
    ['no width', TRUE_COLOR.with(12, 0).with(13, 0)],
    ['no height', TRUE_COLOR.with(14, 0)],
  ])('is not recognized by a header with %s', (_what, header) => {
    expect(nameOf(header)).toBeUndefined();
  });
});

describe('PCX', () => {
  const HEADER = [10, 5, 1, 8];

  it('is recognized by its first four bytes, unless they are known as something else', () => {
    expect(nameOf(HEADER)).toBe('PCX');
    expect(nameOf(HEADER, 'image/x-icon')).toBeUndefined();
  });

  it.each([
    ['first byte', HEADER.with(0, 11)],
    ['version', HEADER.with(1, 6)],
    ['encoding', HEADER.with(2, 2)],
    ['number of bits', HEADER.with(3, 3)],
  ])('is not recognized with another %s', (_what, header) => {
    expect(nameOf(header)).toBeUndefined();
  });
});

describe('SVG', () => {
  it.each([
    '<svg>',
    '<svg xmlns="http://www.w3.org/2000/svg"/>',
    '<?xml version="1.0"?><!-- a logo -->\n<svg\n>',
  ])('is recognized by its element: %s', (content) => {
    expect(nameOf(text(content))).toBe('SVG');
    expect(nameOf(text(content), 'application/xml')).toBe('SVG');
    expect(nameOf(text(content), 'text/html')).toBeUndefined();
  });

  it.each(['<svgx>', '<html>', 'svg'])('is not recognized by %s', (content) => {
    expect(nameOf(text(content))).toBeUndefined();
  });

  it('is recognized within the first 4,100 bytes', () => {
    expect(nameOf(text(`${' '.repeat(4095)}<svg>`))).toBe('SVG');
    expect(nameOf(text(`${' '.repeat(4096)}<svg>`))).toBeUndefined();
  });
});
