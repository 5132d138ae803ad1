import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { FORMATS } from './batch/recipe.ts';
import { withSession, type Invoked } from './batch/session.ts';
import type { Benchmark, Measured } from './frame/benchmark.ts';
import { inTurn, ratioOf } from './frame/statistics.ts';

/** Throughput relative to one spawn per rendition; CPU relative to one spawn per photo. */
const TARGETS = { jpeg: { time: 8, cpu: 4 }, webp: { time: 4.2, cpu: 2.2 } } as const;

/** Compares the worker with spawning ImageMagick. */
export const benchmark: Benchmark = {
  id: 'B3',
  workload: 'a batch as in B1 on 1 core: throughput; CPU',
  baseline: 'ImageMagick, one spawn per rendition; one chained spawn per photo',
  async run(bench) {
    const imageMagick = findImageMagick();
    if (imageMagick === undefined) {
      bench.note('B3: skipped, ImageMagick is missing; run apt-get install imagemagick');
      return [];
    }
    const photos = await bench.photos.camera(bench.sized({ quick: 1, default: 3, full: 10 }));
    const rounds = bench.sized({ quick: 1, default: 1, full: 5 });
    const measured: Measured[] = [];
    for (const format of ['jpeg', 'webp'] as const)
      await withSession({ photos, format, cores: 1, imageMagick }, async ({ invoke }) => {
        const costs = await inTurn(rounds, {
          worker: () => invoke('worker'),
          spawned: () => invoke('spawned'),
          chained: () => invoke('chained'),
        });
        const of = (side: keyof typeof costs, what: 'seconds' | 'cpuSeconds') =>
          costs[side].map((cost: Invoked) => cost[what]);
        const { time, cpu } = TARGETS[format];
        measured.push(
          {
            name: `${FORMATS[format]}, each: time`,
            ...ratioOf(of('spawned', 'seconds'), of('worker', 'seconds')),
            target: { atLeast: time },
          },
          {
            name: `${FORMATS[format]}, chained: CPU`,
            ...ratioOf(of('chained', 'cpuSeconds'), of('worker', 'cpuSeconds')),
            target: { atLeast: cpu },
          },
        );
      });
    return measured;
  },
};

/** Returns the path of ImageMagick's program. A script with the same name may be a substitute. */
function findImageMagick(): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  return ['magick', 'convert']
    .flatMap((name) => folders.map((folder) => join(folder, name)))
    .find((path) => existsSync(path) && !isScript(path) && isImageMagick(path));
}

function isScript(path: string): boolean {
  return readFileSync(path).subarray(0, 2).toString() === '#!';
}

function isImageMagick(path: string): boolean {
  try {
    return execFileSync(path, ['-version'], { encoding: 'utf8' }).startsWith('Version: ImageMagick');
  } catch {
    return false;
  }
}
