import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { photo } from '../test/support/images.ts';
import { buildLocal } from '../scripts/build/build.ts';
import type { Benchmark } from './frame/benchmark.ts';
import { withFolder } from './frame/scratch.ts';
import { inTurn, median, ratioOf } from './frame/statistics.ts';

const COMMAND = 'bin/millrace.js';

/** Compares the command's startup time with that of Node alone. */
export const benchmark: Benchmark = {
  id: 'B15',
  workload: '`--version`; `convert` of one photo; `start` until ready',
  baseline: '`node -e 0`',
  async run(bench) {
    await buildLocal();
    return withFolder(async (folder) => {
      const [photos, out] = [join(folder, 'photos'), join(folder, 'out')];
      await mkdir(photos);
      await writeFile(join(photos, 'one.jpg'), await photo());
      const seconds = await inTurn(bench.sized({ quick: 1, default: 11, full: 31 }), {
        node: () => ends(['-e', '0']),
        version: () => ends([COMMAND, '--version']),
        convert: async () => {
          const taken = await ends([COMMAND, 'convert', photos, '--out', out]);
          await rm(out, { recursive: true });
          return taken;
        },
        start: () => isReady([COMMAND, 'start', '--port', '0', '--aws-port', '0']),
      });
      const all = Object.entries(seconds).map(([name, each]) => `${name} ${ms(median(each))}`);
      bench.note(all.join(', '));
      return [
        { name: '--version', ...ratioOf(seconds.version, seconds.node), target: { atMost: 3 } },
        { name: 'convert', ...ratioOf(seconds.convert, seconds.node), target: { atMost: 15 } },
        { name: 'start', ...ratioOf(seconds.start, seconds.node), target: { atMost: 15 } },
      ];
    });
  },
};

/** @returns the seconds until a process exits. @throws Error if it fails */
async function ends(args: readonly string[]): Promise<number> {
  const begun = performance.now();
  const child = spawn(process.execPath, args, { stdio: 'ignore' });
  await once(child, 'exit');
  if (child.exitCode !== 0) throw new Error(`node ${args.join(' ')} exited with ${child.exitCode}`);
  return (performance.now() - begun) / 1000;
}

/** @returns the seconds until a process prints `ready` */
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
  throw new Error(`node ${args.join(' ')} exited before it was ready`);
}

function ms(seconds: number): string {
  return `${(seconds * 1000).toFixed(0)} ms`;
}
