import { Rejected } from '../../../core/errors.ts';
import { pngHeader } from './color/png-chunks.ts';

/**
 * Checks that the default image of an APNG, which libvips decodes, is its first frame. Otherwise, viewers of animations
 * never show it: it may say "Your browser cannot show this". https://www.w3.org/TR/png-3/#apng-frame-based-animation
 * @throws Rejected `image.unsupported_format`
 */
export function checkFirstFrame(apng: Uint8Array): void {
  if (pngHeader(apng).chunks.some(({ type }) => type === 'fcTL')) return;
  throw new Rejected(
    'image.unsupported_format',
    'the image is an APNG whose default image is not a frame of its animation, which is not converted',
  );
}
