import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { photo } from '../test/support/images.ts';
import { buildLocal } from '../scripts/build/build.ts';
import { median } from './frame/statistics.ts';
import { report } from './report.ts';

/** B15: how long a command takes to start, beside a Node that does nothing. In turn, so that noise is unfair to none. */

const ROUNDS = 11;
const COMMAND = 'bin/millrace.js';

await buildLocal();
const folder = await mkdtemp(join(tmpdir(), 'millrace-bench-'));
try {
  await mkdir(join(folder, 'photos'));
  await writeFile(join(folder, 'photos/one.jpg'), await photo());
  const workloads = {
    node: () => ends(['-e', '0']),
    '--version': () => ends([COMMAND, '--version']),
    convert: async () => {
      const seconds = await ends([COMMAND, 'convert', join(folder, 'photos'), '--out', join(folder, 'out')]);
      await rm(join(folder, 'out'), { recursive: true });
      return seconds;
    },
    start: () => isReady([COMMAND, 'start', '--port', '0', '--aws-port', '0']),
  };
  const times = Object.fromEntries(Object.keys(workloads).map((name) => [name, [] as number[]]));
  for (let round = 0; round <= ROUNDS; round += 1)
    for (const [name, run] of Object.entries(workloads)) {
      const seconds = await run();
      // The first of each brings the files into the system's cache.
      if (round > 0) times[name]?.push(seconds);
    }
  const [node = Number.NaN, ...others] = Object.values(times).map(median);
  const names = Object.keys(workloads).slice(1);
  const ratios = others.map((seconds, index) => `${names[index]} ${(seconds / node).toFixed(1)} ×`);
  process.stdout.write(
    `medians of ${ROUNDS}: node -e 0 ${ms(node)}, ${others.map((seconds, index) => `${names[index]} ${ms(seconds)}`).join(', ')}\n`,
  );
  report({
    id: 'B15',
    workload: '`--version`; `convert` of one photo; `start` until ready',
    against: '`node -e 0`',
    target: '≤ 3 ×; ≤ 15 ×; ≤ 15 ×',
    measured: `${ratios.join('; ')} (Node ${process.versions.node}, ${availableParallelism()} cores)`,
  });
} finally {
  await rm(folder, { recursive: true, force: true });
}

/** @returns the seconds until a process ends. @throws Error when it fails */
async function ends(args: readonly string[]): Promise<number> {
  const begun = performance.now();
  const child = spawn(process.execPath, args, { stdio: 'ignore' });
  await once(child, 'exit');
  if (child.exitCode !== 0) throw new Error(`node ${args.join(' ')} ended with ${child.exitCode}`);
  return (performance.now() - begun) / 1000;
}

/** @returns the seconds until a process says that it is ready */
async function isReady(args: readonly string[]): Promise<number> {
  const begun = performance.now();
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'ignore'] });
  for await (const line of createInterface({ input: child.stdout })) {
    if (!line.startsWith('ready')) continue;
    const seconds = (performance.now() - begun) / 1000;
    child.kill('SIGTERM');
    await once(child, 'exit');
    return seconds;
  }
  throw new Error('it ended before it was ready');
}

function ms(seconds: number): string {
  return `${(seconds * 1000).toFixed(0)} ms`;
}
