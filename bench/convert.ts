import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { buildLocal } from '../scripts/build/build.ts';
import { median } from './frame/statistics.ts';
import { cameraPhoto } from './frame/photo.ts';
import { report } from './report.ts';

/** B11: a folder through `millrace convert`, beside the same sharp calls on the same files with no pipeline. */

const COMMAND = 'bin/millrace.js';
/** Different photos; each is there several times, under other names. */
const DIFFERENT = 10;
const ROUNDS = 3;
/** The default recipe. */
const MOST_PIXELS = 1600;
const [photos = 300] = process.argv.slice(2).map(Number);

await buildLocal();
sharp.concurrency(1);
const folder = await mkdtemp(join(tmpdir(), 'millrace-bench-'));
try {
  const originals = await Promise.all(Array.from({ length: DIFFERENT }, (_, index) => cameraPhoto(index)));
  const small = await Promise.all(
    originals.map((photo) => sharp(photo).resize(1200, 900).jpeg({ quality: 90 }).toBuffer()),
  );
  const camera = await compare('camera', originals);
  const megapixel = await compare('megapixel', small);
  report({
    id: 'B11',
    workload: `\`convert\` of ${photos} photos of 12 megapixels; and of ${photos} of 1 megapixel`,
    against: `bare sharp over the same files, ${availableParallelism()} at a time`,
    target: '≥ 0.95; ≥ 0.85 of its throughput',
    measured: `${camera}; ${megapixel} (Node ${process.versions.node}, ${availableParallelism()} cores)`,
  });
} finally {
  await rm(folder, { recursive: true, force: true });
}

/** Converts copies of photos both ways, in turn. @returns the throughput relative to bare sharp */
async function compare(name: string, originals: readonly Buffer[]): Promise<string> {
  const from = join(folder, name);
  await mkdir(from);
  for (const [index, original] of originals.entries())
    await writeFile(join(from, `${index}-0.jpg`), original);
  for (let copy = originals.length; copy < photos; copy += 1) {
    const [index, round] = [copy % originals.length, Math.floor(copy / originals.length)];
    await copyFile(join(from, `${index}-0.jpg`), join(from, `${index}-${round}.jpg`));
  }
  const bare: number[] = [];
  const pipeline: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    bare.push(await timed((out) => withSharp(from, out)));
    pipeline.push(await timed((out) => withMillrace(from, out)));
  }
  process.stdout.write(
    `${name}: sharp ${seconds(bare)}, convert ${seconds(pipeline)}, medians of ${ROUNDS}\n`,
  );
  return (median(bare) / median(pipeline)).toFixed(2);
}

/** @returns the seconds until all photos are converted. @throws Error when a result is missing or has another size */
async function timed(convert: (out: string) => Promise<void>): Promise<number> {
  const out = await mkdtemp(join(folder, 'out-'));
  const begun = performance.now();
  await convert(out);
  const taken = (performance.now() - begun) / 1000;
  const results = await readdir(out);
  if (results.length !== photos) throw new Error(`${results.length} results of ${photos} photos`);
  for (const result of results) {
    const { format, width, height } = await sharp(join(out, result)).metadata();
    if (format !== 'webp' || Math.max(width, height) > MOST_PIXELS || width * 3 !== height * 4)
      throw new Error(`${result} is ${format} of ${width} × ${height}`);
  }
  await rm(out, { recursive: true });
  return taken;
}

async function withSharp(from: string, out: string): Promise<void> {
  const remaining = (await readdir(from)).values();
  const lane = async () => {
    for (const file of remaining) {
      const result = await sharp(await readFile(join(from, file)))
        .autoOrient()
        .resize({ width: MOST_PIXELS, height: MOST_PIXELS, fit: 'inside', withoutEnlargement: true })
        .webp({ quality: 72, effort: 2 })
        .toBuffer();
      await writeFile(join(out, file), result);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, lane));
}

async function withMillrace(from: string, out: string): Promise<void> {
  const child = spawn(process.execPath, [COMMAND, 'convert', from, '--out', out], { stdio: 'ignore' });
  await once(child, 'exit');
  if (child.exitCode !== 0) throw new Error(`convert ended with ${child.exitCode}`);
}

function seconds(values: readonly number[]): string {
  return `${median(values).toFixed(1)} s`;
}
