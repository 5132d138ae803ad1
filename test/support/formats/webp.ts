import * as images from '../images.ts';
import { redAndBlue, showsFrames, showsRedAndBlue, type FormatCase } from './format-case.ts';

export const WEBP: readonly FormatCase[] = [
  {
    format: 'WebP',
    feature: 'lossless',
    make: () => redAndBlue().webp({ lossless: true }).toBuffer(),
    expected: { shows: showsRedAndBlue },
  },
  {
    format: 'WebP',
    feature: 'animation, to WebP or GIF',
    make: images.animatedWebp,
    expected: { shows: showsFrames(images.DELAYS), to: 'webp' },
  },
];
