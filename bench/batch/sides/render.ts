import sharp, { type OutputInfo } from 'sharp';
import { ENCODING, WIDTHS, type Format } from '../recipe.ts';

export interface Rendition {
  width: number;
  data: Buffer;
  info: OutputInfo;
}

/** Makes all renditions of a photo with one decode, without checks and metadata. */
export async function render(photo: Uint8Array, format: Format): Promise<Rendition[]> {
  const [widest] = WIDTHS;
  const { data: pixels, info } = await sharp(photo)
    .autoOrient()
    .resize({ width: widest, height: widest, fit: 'inside', withoutEnlargement: true })
    .raw()
    .toBuffer({ resolveWithObject: true });
  const raw = { width: info.width, height: info.height, channels: info.channels };
  const made: Rendition[] = [];
  for (const width of WIDTHS) {
    const image = sharp(pixels, { raw }).resize({
      width,
      height: width,
      fit: 'inside',
      withoutEnlargement: true,
    });
    const encoded = await image[format](ENCODING[format]).toBuffer({ resolveWithObject: true });
    made.push({ width, ...encoded });
  }
  return made;
}
