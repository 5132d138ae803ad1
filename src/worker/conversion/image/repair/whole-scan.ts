import sharp from 'sharp';
import { JPEG_END } from './jpeg-end.ts';
import { secondsLeft, type ImageLimits } from '../limits.ts';

/** Lines in which libvips may not notice that a scan ends early: it checks for warnings between parts of a picture. */
const LINES = 128;
/** Data in place of what may be missing. Decoders read zeros after the end. */
const OTHERS = [0x55, 0xaa].map((bits) => Buffer.alloc(64, bits));

/**
 * Returns whether a JPEG's last scan is complete: the last lines of the picture then do not depend on what follows.
 * @param jpeg ends with an end marker
 * @throws Rejected `conversion.timeout`
 */
export async function hasWholeScan(jpeg: Uint8Array, limits: ImageLimits): Promise<boolean> {
  const open = jpeg.subarray(0, -JPEG_END.byteLength);
  const seconds = secondsLeft(limits);
  try {
    const [zeros, ...others] = await Promise.all([
      lastLines(jpeg, limits, seconds),
      ...OTHERS.map((bits) => lastLines(Buffer.concat([open, bits, JPEG_END]), limits, seconds)),
    ]);
    return others.every((lines) => zeros.equals(lines));
  } catch {
    return false;
  }
}

async function lastLines(jpeg: Uint8Array, { pixels }: ImageLimits, seconds: number): Promise<Buffer> {
  const options = { failOn: 'none', limitInputPixels: pixels } as const;
  const { width, height } = await sharp(jpeg, options).metadata();
  const lines = Math.min(LINES, height);
  return sharp(jpeg, options)
    .extract({ left: 0, top: height - lines, width, height: lines })
    .timeout({ seconds })
    .raw()
    .toBuffer();
}
