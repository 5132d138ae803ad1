import sharp, { type OutputInfo } from 'sharp';
import { DEFAULT_RECIPE, parseRecipe } from '../src/core/recipe.ts';
import { inspect } from '../src/worker/conversion/image/inspect.ts';
import { render } from '../src/worker/conversion/image/render.ts';
import { configureSharp } from '../src/worker/conversion/image/sharp.ts';
import { cpuSecondsSince } from './cpu.ts';
import { median } from './frame/statistics.ts';
import { cameraPhoto } from './frame/photo.ts';
import { report } from './report.ts';

/** B5: what it costs to render three renditions from one decode, and how near to a full decode they are. */

const PHOTOS = 8;
const QUALITY = 80;
const WIDTHS = [1600, 800, 320] as const;
const { limits } = DEFAULT_RECIPE;

configureSharp();
const photos = await Promise.all(Array.from({ length: PHOTOS }, (_, index) => cameraPhoto(index)));
const megabytes = photos.map(({ byteLength }) => byteLength / 1e6);
const measured: string[] = [];
let worst = Number.POSITIVE_INFINITY;
let wrongSizes = 0;
for (const format of ['jpeg', 'webp'] as const) {
  const { renditions } = parseRecipe(
    JSON.stringify({
      renditions: WIDTHS.map((width) => ({
        name: `w${width}`,
        width,
        height: width,
        format,
        quality: QUALITY,
      })),
    }),
  );
  const ratios: number[] = [];
  for (const photo of photos) {
    const [ours, theirs] = [
      await cpu(async () => render(photo, await inspect(photo, limits), renditions, limits, 'stamp')),
      await cpu(() => separately(photo, format)),
    ];
    ratios.push(ours.seconds / theirs.seconds);
    for (const [index, { body, metadata }] of ours.result.entries()) {
      const whole = await fromFullDecode(photo, WIDTHS[index] ?? 0);
      const { width, height } = whole.info;
      if (metadata.width !== String(width) || metadata.height !== String(height)) wrongSizes += 1;
      else if (format === 'jpeg') worst = Math.min(worst, await decibels(body, whole.data));
    }
  }
  measured.push(`${median(ratios).toFixed(2)} (${format === 'jpeg' ? 'JPEG' : 'WebP'})`);
}
process.stdout.write(
  `${PHOTOS} photos of ${Math.min(...megabytes).toFixed(1)} to ${Math.max(...megabytes).toFixed(1)} MB\n`,
);
report({
  id: 'B5',
  workload: `three renditions of a photo of 12 megapixels, by ${WIDTHS.join(', ')}`,
  against: 'three separate sharp resizes; a full decode and Lanczos',
  target: '≤ 0.70 × the CPU (JPEG); ≥ 45 dB at worst, 0 wrong sizes',
  measured: `${measured.join(', ')} × the CPU; ${worst.toFixed(0)} dB, ${wrongSizes} wrong sizes`,
});

function separately(photo: Buffer, format: 'jpeg' | 'webp'): Promise<Buffer[]> {
  const encode = { jpeg: { quality: QUALITY }, webp: { quality: QUALITY, effort: 2 } }[format];
  return Promise.all(
    WIDTHS.map((width) =>
      sharp(photo).autoOrient().resize({ width, height: width, fit: 'inside' })[format](encode).toBuffer(),
    ),
  );
}

/** Decodes every pixel, where `resize` would let libjpeg shrink. */
async function fromFullDecode(photo: Buffer, width: number) {
  const { data, info } = await sharp(photo).raw().toBuffer({ resolveWithObject: true });
  return sharp(data, { raw: rawOf(info) })
    .resize({ width, height: width, fit: 'inside' })
    .raw()
    .toBuffer({ resolveWithObject: true });
}

/** Peak signal-to-noise ratio, against the same pixels encoded alike: the encoder's own loss is not counted. */
async function decibels(encoded: Uint8Array, expected: Buffer): Promise<number> {
  const { data, info } = await sharp(encoded).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  const alike = await sharp(
    await sharp(expected, { raw: rawOf(info) })
      .jpeg({ quality: QUALITY })
      .toBuffer(),
  )
    .raw()
    .toBuffer();
  let sum = 0;
  for (const [index, value] of data.entries()) sum += (value - (alike[index] ?? 0)) ** 2;
  return 10 * Math.log10(255 ** 2 / (sum / data.byteLength));
}

function rawOf({ width, height, channels }: OutputInfo) {
  return { width, height, channels };
}

/** Runs something and returns its result, and the CPU seconds of all threads. */
async function cpu<T>(run: () => Promise<T>): Promise<{ result: T; seconds: number }> {
  const before = process.cpuUsage();
  const result = await run();
  return { result, seconds: cpuSecondsSince(before) };
}
