import * as images from '../images.ts';
import {
  RED,
  redAndBlue,
  showsFrames,
  showsHalves,
  showsRedAndBlue,
  type FormatCase,
} from './format-case.ts';

const firstFrame = showsHalves(RED, RED, { width: 40, height: 30 });

export const GIF: readonly FormatCase[] = [
  {
    format: 'GIF',
    feature: 'still',
    make: () => redAndBlue().gif().toBuffer(),
    expected: { shows: showsRedAndBlue },
  },
  {
    format: 'GIF',
    feature: 'animation, to WebP or GIF',
    make: images.animatedGif,
    expected: { shows: showsFrames(images.DELAYS), to: 'webp' },
  },
  {
    format: 'GIF',
    feature: 'animation, to any other format',
    make: images.animatedGif,
    expected: { shows: firstFrame, loss: 'only the first frame' },
  },
];
