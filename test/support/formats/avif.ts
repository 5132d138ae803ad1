import { redAndBlue, showsRedAndBlue, type FormatCase } from './format-case.ts';

export const AVIF: readonly FormatCase[] = [
  {
    format: 'AVIF',
    feature: 'still',
    make: () => redAndBlue().avif({ quality: 90, effort: 0, chromaSubsampling: '4:4:4' }).toBuffer(),
    expected: { shows: showsRedAndBlue },
  },
];
