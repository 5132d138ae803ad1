import type { Sharp } from 'sharp';
import type { Pixels } from '../../../../core/conversion.ts';
import { withProfile } from '../with-profile.ts';

/** In a profile's header: https://www.color.org/specification/ICC.1-2022-05.pdf, section 7.2 */
const SPACE_AT = 16;

/** Some profiles of printers have more. They would be most of a small result. */
const MOST_BYTES = 1_000_000;

/** libvips's names of the color spaces whose values mean what an RGB profile says. */
const RGB_SPACES: ReadonlySet<string | undefined> = new Set(['srgb', 'rgb16']);

/**
 * Returns the profile that a result can keep: an RGB profile of RGB pixels. Must not import anything that imports sharp:
 * the module becomes a separate file in the deployed worker, which would contain sharp a second time.
 * @param open opens a file
 */
export async function keptProfile(
  image: Sharp,
  open: (file: Uint8Array) => Sharp,
): Promise<Uint8Array | undefined> {
  const { icc, space } = await image.metadata();
  const isRgb = RGB_SPACES.has(space) && icc?.toString('latin1', SPACE_AT, SPACE_AT + 4) === 'RGB ';
  const canBeKept = isRgb && icc.byteLength <= MOST_BYTES && (await isSound(icc, open));
  return canBeKept ? icc : undefined;
}

/** libpng, the strictest encoder, fails on a profile that is not sound. */
async function isSound(icc: Uint8Array, open: (file: Uint8Array) => Sharp): Promise<boolean> {
  try {
    const pixel = tagged({ data: Buffer.alloc(3), width: 1, height: 1, channels: 3 }, icc);
    await open(pixel).keepIccProfile().png().toBuffer();
    return true;
  } catch {
    return false;
  }
}

/** Returns a file of pixels in the color space of a profile. */
export function tagged(pixels: Pixels, profile: Uint8Array): Uint8Array {
  return withProfile(pixels, profile);
}
