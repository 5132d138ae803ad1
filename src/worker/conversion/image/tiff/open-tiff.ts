import sharp from 'sharp';
import type { Pixels } from '../../../../core/conversion.ts';
import { Rejected } from '../../../../core/errors.ts';
import type { Limits } from '../../../../core/recipe.ts';
import { translateSharpError } from '../errors.ts';
import { inspect } from '../inspect.ts';
import type { Opened } from '../opened.ts';
import { channelsToKeep, keepChannels } from './channels.ts';
import { firstDirectory, one, TAG, type Directory } from './directory.ts';
import { unsupportedPart } from './support.ts';

/**
 * Reads the header of a TIFF.
 * @throws Rejected `image.unsupported_format` that names what the TIFF holds if libvips cannot read it, or reads it
 * wrongly
 */
export async function openTiff(bytes: Uint8Array, limits: Limits): Promise<Opened> {
  const directory = firstDirectory(bytes);
  const part = unsupportedPart(directory);
  if (part !== undefined)
    throw new Rejected(
      'image.unsupported_format',
      `the image is a TIFF with ${part}, which is not converted`,
    );
  const inspected = { ...(await inspect(bytes, limits)), failOn: failOn(directory) };
  const keep = channelsToKeep(directory);
  if (keep === undefined) return { image: bytes, inspected };
  return { image: await decode(bytes, keep, limits, inspected.failOn), inspected };
}

/**
 * libtiff warns of a field that is not quite as it should be, which harms no picture. Only its decoders for these
 * compressions also warn of damage; all others fail.
 */
const WARN_OF_DAMAGE: ReadonlySet<number> = new Set([2, 3, 4, 7, 32_771]);

function failOn(directory: Directory): 'warning' | 'error' {
  return WARN_OF_DAMAGE.has(one(directory, TAG.compression, 1)) ? 'warning' : 'error';
}

/** Decodes to sRGB without the channels that are not for the eye. Resizing would multiply the colors by them. */
async function decode(
  bytes: Uint8Array,
  keep: readonly number[],
  limits: Limits,
  failOnLevel: 'warning' | 'error',
): Promise<Pixels> {
  try {
    const { data, info } = await sharp(bytes, { limitInputPixels: limits.pixels, failOn: failOnLevel })
      .autoOrient()
      .toColourspace('srgb')
      .timeout({ seconds: limits.seconds })
      .raw()
      .toBuffer({ resolveWithObject: true });
    const { width, height } = info;
    return { width, height, ...keepChannels(data, info.channels, keep) };
  } catch (error) {
    throw translateSharpError(error);
  }
}
