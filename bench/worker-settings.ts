import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Benchmark } from './frame/benchmark.ts';
import { withFolder } from './frame/scratch.ts';
import { inTurn, ratioOf } from './frame/statistics.ts';

const PHOTOS = 6;
const PROCESS = fileURLToPath(new URL('settings/process.ts', import.meta.url));

interface Run {
  seconds: number;
  cpuSeconds: number;
  peakBytes: number;
}

/** Measures the effect of the worker's process settings: glibc's arenas, and libvips threads per conversion. */
export const benchmark: Benchmark = {
  id: 'B19',
  workload: `${PHOTOS} photos of 12 megapixels, one concurrent conversion per core, one libvips thread each, 2 arenas`,
  baseline: "glibc's default number of arenas; one conversion at a time with one thread per core",
  run: (bench) =>
    withFolder(async (folder) => {
      const photos = await bench.photos.camera(PHOTOS);
      for (const [index, photo] of photos.entries()) await writeFile(join(folder, `${index}.jpg`), photo);
      const cores = availableParallelism();
      /** The numbers are concurrent conversions, and libvips threads per conversion. */
      const runs = await inTurn(
        bench.sized({ quick: 1, default: 3, full: 15 }),
        {
          deployed: () => run(folder, [cores, 1], { MALLOC_ARENA_MAX: '2' }),
          arenas: () => run(folder, [cores, 1], {}),
          threads: () => run(folder, [1, cores], { MALLOC_ARENA_MAX: '2' }),
        },
        0,
      );
      const ratio = (other: 'arenas' | 'threads', of: keyof Run) =>
        ratioOf(
          runs.deployed.map((each) => each[of]),
          runs[other].map((each) => each[of]),
        );
      return [
        { name: 'peak memory, arenas', ...ratio('arenas', 'peakBytes') },
        { name: 'time, threads', ...ratio('threads', 'seconds') },
        { name: 'CPU, threads', ...ratio('threads', 'cpuSeconds') },
      ];
    }),
};

function run(folder: string, args: readonly number[], env: Record<string, string>): Run {
  const { MALLOC_ARENA_MAX: _, ...others } = process.env;
  const output = execFileSync(process.execPath, ['--import', 'tsx', PROCESS, folder, ...args.map(String)], {
    env: { ...others, ...env },
    encoding: 'utf8',
  });
  return JSON.parse(output) as Run;
}
