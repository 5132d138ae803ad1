import type { Pixels } from '../../../../core/conversion.ts';
import { Rejected } from '../../../../core/errors.ts';
import { channelsToKeep, keepChannels } from './channels.ts';
import { firstDirectory, one, TAG, type Directory } from './directory.ts';
import { unsupportedPart } from './support.ts';

/** How libvips decodes a TIFF to what it shows. */
export interface TiffPlan {
  failOn: 'warning' | 'error';
  /** Keeps of its pixels in sRGB what is for the eye; undefined if all of it is. */
  keep: ((data: Buffer, channels: number) => Pick<Pixels, 'data' | 'channels'>) | undefined;
}

/**
 * Reads the directory of a TIFF. Imports nothing that imports sharp: the module has a file of its own in the deployed
 * worker, and would contain sharp once more.
 * @throws Rejected `image.unsupported_format` that names what the TIFF holds if libvips cannot read it, or reads it
 * wrongly
 */
export function planTiff(bytes: Uint8Array): TiffPlan {
  const directory = firstDirectory(bytes);
  const part = unsupportedPart(directory);
  if (part !== undefined)
    throw new Rejected(
      'image.unsupported_format',
      `the image is a TIFF with ${part}, which is not converted`,
    );
  const kept = channelsToKeep(directory);
  return {
    failOn: failOn(directory),
    keep: kept && ((data, channels) => keepChannels(data, channels, kept)),
  };
}

/**
 * libtiff warns of a field that is not quite as it should be, which harms no picture. Only its decoders for these
 * compressions also warn of damage; all others fail.
 */
const WARN_OF_DAMAGE: ReadonlySet<number> = new Set([2, 3, 4, 7, 32_771]);

function failOn(directory: Directory): TiffPlan['failOn'] {
  return WARN_OF_DAMAGE.has(one(directory, TAG.compression, 1)) ? 'warning' : 'error';
}
