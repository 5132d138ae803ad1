import sharp from 'sharp';
import { seededRandom } from '../../packages/local-aws/src/random.ts';

/** Width and height of a camera's 12-megapixel photo, in pixels. */
const CAMERA = { width: 4000, height: 3000 } as const;
/** Side of the repeated square of noise, and of the grid of soft shapes. */
const NOISE = 1000;
const SHAPES = 24;
/** Standard deviations of the noise, out of 255. With these, JPEGs are as large as a camera's, 3 to 5 MB. */
const SIGMAS = [20, 24, 28, 32, 36] as const;

/**
 * Generates a photo as large as a camera's: soft shapes with noise.
 * @returns a JPEG, identical for the same index
 */
export async function cameraPhoto(index: number): Promise<Buffer> {
  const { width, height } = CAMERA;
  const random = seededRandom(index);
  const sigma = SIGMAS[index % SIGMAS.length] ?? SIGMAS[0];
  const shapes = bytes(SHAPES, () => 255 * random());
  // The sum of three uniform numbers has a variance of a quarter.
  const noise = bytes(NOISE, () => 128 + 2 * sigma * (random() + random() + random() - 1.5));
  return sharp(shapes, { raw: { width: SHAPES, height: SHAPES, channels: 3 } })
    .resize({ width, height, fit: 'fill', kernel: 'cubic' })
    .composite([
      {
        input: noise,
        raw: { width: NOISE, height: NOISE, channels: 3 },
        tile: true,
        gravity: 'northwest',
        blend: 'soft-light',
      },
    ])
    .jpeg({ quality: 90 })
    .toBuffer();
}

/** Generates the pixels of a colour square. */
function bytes(side: number, value: () => number): Buffer {
  return Buffer.from(Uint8ClampedArray.from({ length: side * side * 3 }, value));
}
