import { Rejected } from '../../../core/errors.ts';
import { boxesIn } from './color/isobmff.ts';

/** Brands of image sequences, and of stills. https://aomediacodec.github.io/av1-avif, section 6 */
const STILL: ReadonlyMap<string, string> = new Map([
  ['avis', 'avif'],
  ['msf1', 'mif1'],
]);
const BRANDS_AT = 8;

/**
 * Returns an animated AVIF as its still image: libvips does not read the brand of animations. Returns any other AVIF
 * as it is.
 * @throws Rejected `image.unsupported_format` if an animation has no still image
 */
export function stillOf(avif: Uint8Array): Uint8Array {
  const bytes = Buffer.from(avif.buffer, avif.byteOffset, avif.byteLength);
  if (bytes.toString('latin1', BRANDS_AT, BRANDS_AT + 4) !== 'avis') return avif;
  const boxes = boxesIn(bytes);
  if (!boxes.some(({ type }) => type === 'meta') && boxes.some(({ type }) => type === 'moov'))
    throw new Rejected(
      'image.unsupported_format',
      'the image is an animated AVIF without a still image; only the still image of an animated AVIF is converted',
    );
  const still = Buffer.from(bytes);
  const end = BRANDS_AT + (boxes[0]?.body.byteLength ?? 0);
  for (let at = BRANDS_AT; at + 4 <= end; at += 4) {
    const brand = STILL.get(still.toString('latin1', at, at + 4));
    if (brand !== undefined) still.write(brand, at, 'latin1');
  }
  return still;
}
