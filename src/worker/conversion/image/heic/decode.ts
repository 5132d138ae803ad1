import { defined } from '../../../../core/defined.ts';
import type { Pixels } from '../../../../core/conversion.ts';
import { checkPixels } from '../check-pixels.ts';
import { fromCodes, isHdr } from '../color/code-points.ts';
import type { HdrCodes } from '../color/hdr-png.ts';
import { rgbProfile } from '../color/icc-profile.ts';
import { isSrgb } from '../color/rgb-space.ts';
import { corrupt } from '../corrupt.ts';
import type { ImageLimits } from '../limits.ts';
import { inThread } from '../wasm/in-thread.ts';
import { createOptionalLibrary } from '../wasm/optional-library.ts';
import { decodeInThread, type Answer, type Order } from './thread.ts';

const libheif = createOptionalLibrary({
  format: 'HEIC',
  packageName: 'libheif-js',
  library: 'libheif-js/libheif-wasm/libheif.js',
  wasm: 'libheif-js/libheif-wasm/libheif.wasm',
});

/** A decoded image, upright. */
export interface Heic {
  /** Of 8 bits per channel, except HDR with more. */
  pixels: Pixels;
  /** ICC; undefined means sRGB, except for HDR. */
  profile?: Uint8Array;
  hdr?: HdrCodes;
}

/**
 * Decodes the primary image of a HEIC file.
 * @throws Rejected
 */
export async function decodeHeic(bytes: Uint8Array, limits: ImageLimits): Promise<Heic> {
  const workerData: Order = { bytes, ...(await libheif.load()), maxPixels: limits.pixels };
  const { deadline } = limits;
  const answer = await inThread<Answer>({ program: decodeInThread, workerData, name: 'libheif', deadline });
  if ('tooLarge' in answer) checkPixels(answer.tooLarge, 1, limits);
  if ('unsupported' in answer)
    throw libheif.unsupported(`it has what libheif cannot decode: ${answer.unsupported}`);
  if ('damaged' in answer) throw corrupt(answer.damaged);
  if (!('data' in answer)) throw new Error('expected pixels of a HEIC');
  const { data, width, height, channels } = answer;
  const profile = profileOf(answer);
  const hdr = profile === undefined ? hdrOf(answer) : undefined;
  return { pixels: { data, width, height, channels }, ...defined({ profile, hdr }) };
}

type Decoded = Extract<Answer, { data: Uint8Array }>;

function hdrOf({ nclx, bits, brightest }: Decoded): HdrCodes | undefined {
  if (nclx === undefined || !isHdr(nclx.transfer)) return undefined;
  return { ...nclx, bits, ...defined(brightest) };
}

/** An ICC profile takes precedence over code points, as in browsers. */
function profileOf({ profile, nclx }: Decoded): Uint8Array | undefined {
  if (profile !== undefined && Buffer.from(profile).toString('latin1', 16, 20) === 'RGB ') return profile;
  const space = nclx === undefined ? undefined : fromCodes(nclx.primaries, nclx.transfer);
  return space === undefined || isSrgb(space) ? undefined : rgbProfile(space);
}
