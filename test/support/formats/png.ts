import * as images from '../images.ts';
import { redAndBlue, showsHalves, showsRedAndBlue, type FormatCase } from './format-case.ts';

export const PNG: readonly FormatCase[] = [
  {
    format: 'PNG',
    feature: '8 bits',
    make: () => redAndBlue().png().toBuffer(),
    expected: { shows: showsRedAndBlue },
  },
  {
    format: 'PNG',
    feature: 'palette',
    make: () => redAndBlue().png({ palette: true }).toBuffer(),
    expected: { shows: showsRedAndBlue },
  },
  {
    format: 'PNG',
    feature: '16 bits',
    make: () => redAndBlue().toColourspace('rgb16').png().toBuffer(),
    expected: { shows: showsRedAndBlue, loss: '8 bits per channel' },
  },
  {
    format: 'PNG',
    feature: 'transparency',
    make: images.greyWithAlphaPng,
    expected: {
      shows: showsHalves([128, 128, 128, 190], [128, 128, 128, 59], { width: 40, height: 10 }),
    },
  },
  {
    format: 'PNG',
    feature: 'a few bytes that claim 900 million pixels',
    make: images.pngBomb,
    expected: { refused: 'image.too_many_pixels', because: /900,000,000 pixels/ },
  },
];
