import * as images from '../images.ts';
import type { FormatCase } from './format-case.ts';

/** Formats that are refused by name. */
export const OTHER: readonly FormatCase[] = [
  {
    format: 'SVG',
    feature: '',
    make: images.svg,
    expected: { refused: 'image.unsupported_format', because: /is SVG, or other XML/ },
  },
  {
    format: 'PDF',
    feature: '',
    make: () => Buffer.from('%PDF-1.7\n1 0 obj\n'),
    expected: { refused: 'image.unsupported_format', because: /is PDF/ },
  },
];
