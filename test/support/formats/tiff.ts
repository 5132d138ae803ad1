import * as images from '../images.ts';
import { RED, redAndBlue, showsHalves, showsRedAndBlue, type FormatCase } from './format-case.ts';

const COMPRESSIONS = ['none', 'lzw', 'deflate', 'jpeg', 'packbits'] as const;

export const TIFF: readonly FormatCase[] = [
  ...COMPRESSIONS.map((compression) => ({
    format: 'TIFF',
    feature: `compression: ${compression}`,
    make: () => redAndBlue().tiff({ compression, quality: 95 }).toBuffer(),
    expected: { shows: showsRedAndBlue },
  })),
  {
    format: 'TIFF',
    feature: 'several pages',
    make: images.multiPageTiff,
    expected: {
      shows: showsHalves(RED, RED, { width: 40, height: 30 }),
      loss: 'pages that no rendition names',
    },
  },
];
