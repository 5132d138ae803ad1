import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { median } from './frame/statistics.ts';
import { cameraPhoto } from './frame/photo.ts';
import { report } from './report.ts';

/** B19: what the worker's settings of its process save: glibc's arenas, and libvips threads a conversion. */

const ROUNDS = 5;
const PHOTOS = 6;
const PROCESS = fileURLToPath(new URL('worker-settings-process.ts', import.meta.url));

interface Measured {
  seconds: number;
  cpuSeconds: number;
  peakBytes: number;
}

const folder = mkdtempSync(join(tmpdir(), 'millrace-bench-'));
try {
  for (let index = 0; index < PHOTOS; index += 1)
    writeFileSync(join(folder, `${index}.jpg`), await cameraPhoto(index));
  const cores = availableParallelism();
  /** The arguments are conversions side by side, and libvips threads of each. */
  const workloads = {
    asDeployed: () => run([cores, 1], { MALLOC_ARENA_MAX: '2' }),
    manyArenas: () => run([cores, 1], {}),
    threads: () => run([1, cores], { MALLOC_ARENA_MAX: '2' }),
  };
  const results: Record<keyof typeof workloads, Measured[]> = { asDeployed: [], manyArenas: [], threads: [] };
  for (let round = 0; round < ROUNDS; round += 1)
    for (const [name, measure] of Object.entries(workloads))
      results[name as keyof typeof workloads].push(measure());
  const ratio = (other: keyof typeof workloads, of: keyof Measured) =>
    (
      median(results.asDeployed.map((each) => each[of])) / median(results[other].map((each) => each[of]))
    ).toFixed(2);
  report({
    id: 'B19',
    workload: `${PHOTOS} photos of 12 megapixels, ${cores} conversions side by side, one libvips thread each, 2 arenas`,
    against: `glibc's own number of arenas; one conversion at a time with ${cores} threads`,
    target: 'none',
    measured: `${ratio('manyArenas', 'peakBytes')} × the peak memory; ${ratio('threads', 'seconds')} × the time, ${ratio('threads', 'cpuSeconds')} × the CPU`,
  });
} finally {
  rmSync(folder, { recursive: true });
}

function run(args: readonly number[], env: Record<string, string>): Measured {
  const { MALLOC_ARENA_MAX: _, ...others } = process.env;
  const output = execFileSync(process.execPath, ['--import', 'tsx', PROCESS, folder, ...args.map(String)], {
    env: { ...others, ...env },
    encoding: 'utf8',
  });
  return JSON.parse(output) as Measured;
}
