import * as images from '../images.ts';
import type { FormatCase } from './format-case.ts';

const refused = (format: string, make: () => Uint8Array, feature = ''): FormatCase => ({
  format,
  feature,
  make,
  expected: {
    refused: 'image.unsupported_format',
    because: new RegExp(`^the content is ${format}( .*)?; expected JPEG, PNG, .* or PDF$`),
  },
});

/** A header and a pixel. */
function tga(colorMap: readonly number[], type: number, bits: number): Buffer {
  return Buffer.from([
    0,
    colorMap.length === 0 ? 0 : 1,
    type,
    0,
    0,
    ...(colorMap.length === 0 ? [0, 0, 0] : colorMap),
    0,
    0,
    0,
    0,
    1,
    0,
    1,
    0,
    bits,
    0,
    0,
    0,
    0,
    0,
  ]);
}

/** Formats that are refused by name. */
export const OTHER: readonly FormatCase[] = [
  refused('TGA', () => tga([], 2, 24)),
  refused('TGA', () => tga([1, 0, 24], 9, 8), 'color map'),
  refused('PCX', () => Buffer.from([10, 5, 1, 8, ...Buffer.alloc(124)])),
  refused('PSD', () => Buffer.from('8BPS\0\x01')),
  refused('SVG', images.svg),
  refused(
    'SVG',
    () => Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'),
    'without an XML declaration',
  ),
];
