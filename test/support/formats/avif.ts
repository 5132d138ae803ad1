import type { Sharp } from 'sharp';
import { halves } from '../images.ts';
import { av1Of, avifOf, type Av1 } from '../avif.ts';
import { redAndBlue, showsRedAndBlue, type FormatCase } from './format-case.ts';

export const AVIF: readonly FormatCase[] = [
  {
    format: 'AVIF',
    feature: 'still',
    make: () => redAndBlue().avif({ quality: 90, effort: 0, chromaSubsampling: '4:4:4' }).toBuffer(),
    expected: { shows: showsRedAndBlue },
  },
  {
    format: 'AVIF',
    feature: 'animation',
    make: () => animated({ hasNoStill: false }),
    expected: { shows: showsRedAndBlue, loss: 'only the first frame' },
  },
  {
    format: 'AVIF',
    feature: 'animation without a still image',
    make: () => animated({ hasNoStill: true }),
    expected: {
      refused: 'image.unsupported_format',
      because: /^the image is an animated AVIF without a still image/,
    },
  },
];

/** Two frames, of which the second has other colors. */
async function animated({ hasNoStill }: { hasNoStill: boolean }): Promise<Buffer> {
  const color = await frame(redAndBlue());
  return avifOf({ color, animation: [color, await frame(halves('#00ff00', '#ffff00', 64, 32))], hasNoStill });
}

async function frame(picture: Sharp): Promise<Av1> {
  const [color] = await av1Of(await picture.png().toBuffer());
  if (color === undefined) throw new Error('expected an image');
  return color;
}
