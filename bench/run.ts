/** Runs benchmarks, prints their measurements, and writes them to docs/performance.md. */
import { execFileSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { BENCHMARKS } from './benchmarks.ts';
import { parseArguments, USAGE, WrongArguments, type Arguments } from './frame/arguments.ts';
import type { Benchmark, Measured } from './frame/benchmark.ts';
import { chooseBenchmarks } from './frame/choose.ts';
import { withRow } from './frame/document.ts';
import { cellsOf, jsonLine, textLine } from './frame/format.ts';
import { describeMachine } from './frame/machine.ts';
import { madePhotos, photosIn } from './frame/photos.ts';

const DOCUMENT = 'docs/performance.md';

async function main({ ids, photos: folder, json, size, write }: Arguments): Promise<void> {
  const photos = folder === undefined ? madePhotos() : await photosIn(folder);
  const benchmarks = chooseBenchmarks(BENCHMARKS, ids);
  const machine = describeMachine();
  const note = (text: string) => void process.stderr.write(`${text}\n`);
  note(machine);
  const plot = async (file: string, svg: string) => {
    if (!write) return;
    await writeFile(file, svg);
    note(`plot written to ${file}`);
  };
  const options = [...(folder === undefined ? [] : ['--photos', folder]), '--size', size];
  for (const benchmark of benchmarks) {
    const { id, workload, baseline } = benchmark;
    note(`${id}: ${workload}; baseline: ${baseline}`);
    const measured = await benchmark.run({ photos, note, plot, sized: (values) => values[size] });
    const line = json ? jsonLine : textLine;
    for (const each of measured) process.stdout.write(`${line(id, each)}\n`);
    if (!write || measured.length === 0) continue;
    await writeRow(benchmark, measured, `\`npm run bench -- ${[id, ...options].join(' ')}\``, machine);
  }
}

async function writeRow(
  benchmark: Benchmark,
  measured: readonly Measured[],
  command: string,
  machine: string,
): Promise<void> {
  const document = await readFile(DOCUMENT, 'utf8');
  await writeFile(DOCUMENT, withRow(document, [...cellsOf(benchmark, measured), command, machine]));
  execFileSync('node_modules/.bin/oxfmt', [DOCUMENT]);
}

process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';
try {
  await main(parseArguments(process.argv.slice(2)));
} catch (error) {
  process.exitCode = 1;
  if (!(error instanceof WrongArguments)) throw error;
  process.stderr.write(`${error.message}\n\n${USAGE}\n`);
}
