import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { buildLocal } from '../scripts/build/build.ts';
import type { Benchmark, Measured } from './frame/benchmark.ts';
import { runCommand } from './frame/command.ts';
import { withFolder } from './frame/scratch.ts';

const SMALL = { width: 160, height: 120 } as const;
/** Highest ratio of time or memory per image. */
const MOST = 1.1;

/** Checks that time and memory do not grow with the number of images. */
export const benchmark: Benchmark = {
  id: 'B12',
  workload: `\`convert\` of growing numbers of ${SMALL.width} × ${SMALL.height} images: time per image after startup, peak memory`,
  baseline: 'the smallest number of images',
  async run(bench) {
    await buildLocal();
    const counts = bench.sized({
      quick: [10, 20],
      default: [100, 1000, 4000],
      full: [100, 1000, 10_000, 100_000],
    });
    const photos = await bench.photos.megapixel(10);
    const images = await Promise.all(photos.map((photo) => sharp(photo).resize(SMALL).toBuffer()));
    return withFolder(async (folder) => {
      // The first run loads the files into the system's cache.
      await convert(folder, images, 1);
      const start = await convert(folder, images, 1);
      const measured: Measured[] = [];
      let least: { each: number; peakBytes: number } | undefined;
      for (const count of counts) {
        const { seconds, peakBytes } = await convert(folder, images, count);
        const each = (seconds - start.seconds) / count;
        bench.note(`${count}: ${(each * 1000).toFixed(1)} ms per image, ${(peakBytes / 1e6).toFixed(0)} MB`);
        least ??= { each, peakBytes };
        if (count === counts[0]) continue;
        measured.push(
          { name: `${count}, time`, value: each / least.each, target: { atMost: MOST } },
          { name: `${count}, memory`, value: peakBytes / least.peakBytes, target: { atMost: MOST } },
        );
      }
      return measured;
    });
  },
};

async function convert(folder: string, images: readonly Buffer[], count: number) {
  const [from, out] = [join(folder, 'from'), join(folder, 'out')];
  await mkdir(from);
  for (let index = 0; index < count; index += 1)
    await writeFile(join(from, `${index}.jpg`), images[index % images.length] ?? '');
  const run = await runCommand(['convert', from, '--out', out]);
  const results = await readdir(out);
  if (results.length !== count) throw new Error(`${results.length} results for ${count} images`);
  await Promise.all([from, out].map((each) => rm(each, { recursive: true })));
  return run;
}
