import sharp from 'sharp';

/** Width and height in pixels of a camera's 12 megapixels. */
const CAMERA = { width: 4000, height: 3000 } as const;

/**
 * Makes a photo as large as a camera's: soft shapes under enough noise that a JPEG of it has 3 to 5 MB.
 * @returns a JPEG
 */
export async function cameraPhoto(index: number): Promise<Buffer> {
  const { width, height } = CAMERA;
  const side = 24;
  const shapes = Buffer.from(
    Array.from({ length: side * side * 3 }, (_, at) =>
      Math.floor(127 + 127 * Math.sin((index + 1) * (at + 1) ** 1.5)),
    ),
  );
  const noise = await sharp({
    create: {
      width,
      height,
      channels: 3,
      background: 'grey',
      noise: { type: 'gaussian', mean: 128, sigma: 22 },
    },
  })
    .png({ compressionLevel: 0 })
    .toBuffer();
  return sharp(shapes, { raw: { width: side, height: side, channels: 3 } })
    .resize({ width, height, fit: 'fill', kernel: 'cubic' })
    .composite([{ input: noise, blend: 'soft-light' }])
    .jpeg({ quality: 90 })
    .toBuffer();
}
