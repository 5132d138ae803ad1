import sharp, { type OutputInfo } from 'sharp';
import { DEFAULT_RECIPE, parseRecipe } from '../src/core/recipe.ts';
import { inspect } from '../src/worker/conversion/image/inspect.ts';
import { deadlineIn } from '../src/worker/conversion/image/limits.ts';
import { render } from '../src/worker/conversion/image/render.ts';
import { configureSharp } from '../src/worker/conversion/image/sharp.ts';
import { ENCODING, FORMATS, recipeOf, WIDTHS, type Format } from './batch/recipe.ts';
import type { Benchmark, Measured } from './frame/benchmark.ts';
import { ratioOf } from './frame/statistics.ts';
import { cpuSeconds } from './frame/usage.ts';

const { limits } = DEFAULT_RECIPE;

/** Measures the cost of rendering three renditions from one decode, and how close they are to a full decode. */
export const benchmark: Benchmark = {
  id: 'B5',
  workload: `three renditions (${WIDTHS.join(', ')} pixels) of a 12-megapixel photo`,
  baseline: 'three separate sharp resizes; a full decode and Lanczos',
  async run(bench) {
    configureSharp();
    const photos = await bench.photos.camera(bench.sized({ quick: 1, default: 8, full: 10 }));
    const measured: Measured[] = [];
    let worst = Number.POSITIVE_INFINITY;
    let wrongSizes = 0;
    for (const format of ['jpeg', 'webp'] as const) {
      const { renditions } = parseRecipe(recipeOf(format));
      const seconds: Record<'ours' | 'theirs', number[]> = { ours: [], theirs: [] };
      // A process's first conversion costs more.
      await separately(photos[0] ?? Buffer.of(), format);
      for (const photo of photos) {
        const ours = await cpu(async () =>
          render(
            photo,
            await inspect(photo, limits),
            renditions,
            { ...limits, deadline: deadlineIn(limits.seconds) },
            'stamp',
          ),
        );
        seconds.ours.push(ours.seconds);
        seconds.theirs.push((await cpu(() => separately(photo, format))).seconds);
        for (const [index, { body, metadata }] of ours.result.entries()) {
          const whole = await fromFullDecode(photo, WIDTHS[index] ?? 0);
          const { width, height } = whole.info;
          if (metadata.width !== String(width) || metadata.height !== String(height)) wrongSizes += 1;
          else if (format === 'jpeg') worst = Math.min(worst, await decibels(body, whole.data));
        }
      }
      measured.push({
        name: `CPU, ${FORMATS[format]}`,
        ...ratioOf(seconds.ours, seconds.theirs),
        ...(format === 'jpeg' ? { target: { atMost: 0.7 } } : {}),
      });
    }
    return [
      ...measured,
      { name: 'worst JPEG', value: worst, unit: 'dB', target: { atLeast: 45 } },
      { name: 'incorrect sizes', value: wrongSizes, unit: 'images', target: { atMost: 0 } },
    ];
  },
};

function separately(photo: Buffer, format: Format): Promise<Buffer[]> {
  return Promise.all(
    WIDTHS.map((width) => {
      const image = sharp(photo).autoOrient().resize({ width, height: width, fit: 'inside' });
      return image[format](ENCODING[format]).toBuffer();
    }),
  );
}

/** Decodes every pixel. `resize` on a JPEG would let libjpeg shrink it while decoding. */
async function fromFullDecode(photo: Buffer, width: number) {
  const { data, info } = await sharp(photo).raw().toBuffer({ resolveWithObject: true });
  return sharp(data, { raw: rawOf(info) })
    .resize({ width, height: width, fit: 'inside' })
    .raw()
    .toBuffer({ resolveWithObject: true });
}

/**
 * Returns the peak signal-to-noise ratio against the expected pixels after the same encoding, so that the encoder's own
 * loss does not count.
 */
async function decibels(encoded: Uint8Array, expected: Buffer): Promise<number> {
  const { data, info } = await sharp(encoded).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  const alike = await sharp(
    await sharp(expected, { raw: rawOf(info) })
      .jpeg({ quality: ENCODING.jpeg.quality })
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

/** Runs a function and returns its result, and the CPU seconds of all threads. */
async function cpu<T>(run: () => Promise<T>): Promise<{ result: T; seconds: number }> {
  const before = cpuSeconds();
  const result = await run();
  return { result, seconds: cpuSeconds() - before };
}
