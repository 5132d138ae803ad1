import { colorSamples } from './channels.ts';
import { one, TAG, type Directory } from './directory.ts';

/**
 * Features of TIFF that libvips reports as damage, or converts to a wrong picture. The names are those of the
 * specification: https://www.itu.int/itudoc/itu-t/com16/tiff-fx/docs/tiff6.pdf
 */

/** Compressions that sharp's libtiff decodes. */
const DECODED: ReadonlySet<number> = new Set([1, 2, 3, 4, 5, 7, 8, 32_771, 32_773, 32_946, 50_001]);

const COMPRESSIONS: Readonly<Record<number, string>> = {
  6: 'old-style JPEG',
  9: 'JBIG',
  10: 'JBIG',
  32_809: 'ThunderScan',
  34_661: 'JBIG',
  34_676: 'SGI Log',
  34_677: 'SGI Log',
  34_712: 'JPEG 2000',
  34_887: 'LERC',
  34_925: 'LZMA',
  50_000: 'Zstandard',
  50_002: 'JPEG XL',
};

const JPEG = 7;
const RGB = 2;
const SEPARATED = 5;
const YCBCR = 6;
const LAB = 8;

const COLORS: Readonly<Record<number, string>> = {
  4: 'a transparency mask',
  9: 'ICC L*a*b* colors',
  10: 'ITU L*a*b* colors',
  32_844: 'LogL colors',
  32_845: 'LogLuv colors',
};

const UNSIGNED = 1;
const SIGNED = 2;
const FLOAT = 3;
const UNDEFINED = 4;

/** Returns the feature of a TIFF that is not supported, such as `Zstandard compression`; undefined if there is none. */
export function unsupportedPart(directory: Directory): string | undefined {
  const compression = one(directory, TAG.compression, 1);
  if (!DECODED.has(compression))
    return `${COMPRESSIONS[compression] ?? `an unknown kind (${compression}) of`} compression`;
  const colors = one(directory, TAG.photometric, RGB);
  const named = COLORS[colors];
  if (named !== undefined) return named;
  if (colors === YCBCR && compression !== JPEG) return 'YCbCr colors without JPEG compression';
  return unsupportedSamples(directory, colors);
}

function unsupportedSamples(directory: Directory, colors: number): string | undefined {
  const samples = one(directory, TAG.samples, 1);
  const bits = (directory.get(TAG.bits) ?? []).slice(0, samples);
  const [each = 1] = bits;
  const format = one(directory, TAG.sampleFormat, UNSIGNED);
  if (samples > MOST_SAMPLES) return `${samples} samples per pixel`;
  if (colors === SEPARATED && samples < colorSamples(directory)) return `${samples} inks`;
  if (bits.some((other) => other !== each)) return `samples of ${bits.join(', ')} bits`;
  switch (format) {
    case UNSIGNED:
    case UNDEFINED:
      break;
    case SIGNED:
      return 'signed samples';
    case FLOAT:
      // Floating-point RGB is linear light. In grey, nothing says which number is white.
      return colors === RGB && each === 32 ? undefined : `${each}-bit floating-point samples`;
    default:
      return 'complex samples';
  }
  if (colors === LAB) return each === 16 ? undefined : `L*a*b* colors of ${each} bits`;
  const readable = samples === 1 ? ONE_SAMPLE : SEVERAL_SAMPLES;
  return readable.has(each) ? undefined : `samples of ${each} bits`;
}

/** The greatest number of channels that sharp accepts. */
export const MOST_SAMPLES = 5;
/** The numbers of bits that libvips reads. */
export const ONE_SAMPLE: ReadonlySet<number> = new Set([1, 2, 4, 8, 16]);
export const SEVERAL_SAMPLES: ReadonlySet<number> = new Set([8, 16]);
