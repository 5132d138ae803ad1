import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join, parse } from 'node:path';
import sharp from 'sharp';
import { buildLocal } from '../scripts/build/build.ts';
import type { Bench, Benchmark, Measured } from './frame/benchmark.ts';
import { defaultResult, sizeOfResult } from './frame/default-result.ts';
import { withFolder } from './frame/scratch.ts';
import { inTurn, median, ratioOf } from './frame/statistics.ts';
import { runCommand } from './frame/command.ts';

/** Measures the pipeline's overhead when it converts a folder. */
export const benchmark: Benchmark = {
  id: 'B11',
  workload: '`convert` of 12-megapixel photos; of 1-megapixel photos: throughput of the whole process',
  baseline: 'bare sharp on the same files, one at a time per core',
  async run(bench) {
    await buildLocal();
    sharp.concurrency(1);
    const camera = bench.sized({ quick: 2, default: 150, full: 1000 });
    const megapixel = bench.sized({ quick: 4, default: 300, full: 1000 });
    return [
      await compare(bench, `${camera} of 12 MP`, await bench.photos.camera(camera), 0.95),
      await compare(bench, `${megapixel} of 1 MP`, await bench.photos.megapixel(megapixel), 0.85),
    ];
  },
};

function compare(bench: Bench, name: string, photos: readonly Buffer[], atLeast: number): Promise<Measured> {
  return withFolder(async (folder) => {
    const from = join(folder, 'from');
    await mkdir(from);
    for (const [index, photo] of photos.entries()) await writeFile(join(from, `${index}.jpg`), photo);
    const timed = (convert: (out: string) => Promise<unknown>) => timedConversion(folder, from, convert);
    const seconds = await inTurn(
      bench.sized({ quick: 1, default: 3, full: 3 }),
      {
        sharp: () => timed((out) => withSharp(from, out)),
        convert: () => timed((out) => runCommand(['convert', from, '--out', out])),
      },
      0,
    );
    bench.note(
      `${name}: sharp ${median(seconds.sharp).toFixed(1)} s, convert ${median(seconds.convert).toFixed(1)} s`,
    );
    return { name, ...ratioOf(seconds.sharp, seconds.convert), target: { atLeast } };
  });
}

/** @returns the seconds to convert all photos. @throws Error if a result is missing or has the wrong size */
async function timedConversion(
  folder: string,
  from: string,
  convert: (out: string) => Promise<unknown>,
): Promise<number> {
  const out = await mkdtemp(join(folder, 'out-'));
  const begun = performance.now();
  await convert(out);
  const taken = (performance.now() - begun) / 1000;
  const photos = await readdir(from);
  const results = new Map((await readdir(out)).map((name) => [parse(name).name, name]));
  if (results.size !== photos.length) throw new Error(`${results.size} results for ${photos.length} photos`);
  for (const photo of photos) {
    const result = results.get(parse(photo).name);
    if (result === undefined) throw new Error(`${photo} has no result`);
    const { format, width, height } = await sharp(join(out, result)).metadata();
    const expected = sizeOfResult((await sharp(join(from, photo)).metadata()).autoOrient);
    if (format !== 'webp' || width !== expected.width || height !== expected.height)
      throw new Error(
        `${result}: expected webp, ${expected.width} × ${expected.height}; got ${format}, ${width} × ${height}`,
      );
  }
  await rm(out, { recursive: true });
  return taken;
}

async function withSharp(from: string, out: string): Promise<void> {
  const remaining = (await readdir(from)).values();
  const lane = async () => {
    for (const file of remaining)
      await writeFile(join(out, file), await defaultResult(await readFile(join(from, file))));
  };
  await Promise.all(Array.from({ length: availableParallelism() }, lane));
}
