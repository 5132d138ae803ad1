import sharp from 'sharp';

/** Longest side of what the default recipe makes, in pixels. */
export const LONGEST_SIDE = 1600;

/** Makes what the default recipe makes of a photo, by bare sharp. */
export function defaultResult(photo: Buffer): Promise<Buffer> {
  return sharp(photo)
    .autoOrient()
    .resize({ width: LONGEST_SIDE, height: LONGEST_SIDE, fit: 'inside', withoutEnlargement: true })
    .webp({ quality: 72, effort: 2 })
    .toBuffer();
}
