import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import { bundleFunction, shrunk } from '../scripts/build/functions.ts';
import { ENV } from '../src/core/env.ts';
import { DEFAULT_RECIPE } from '../src/core/recipe.ts';
import { median } from './frame/statistics.ts';
import { report, type Row } from './report.ts';

const ROUNDS = 31;

const IMPORT = `
  const begun = process.hrtime.bigint();
  require(process.argv[1]);
  process.stdout.write(String(Number(process.hrtime.bigint() - begun) / 1e6));
`;

/** What a function must be told, to be imported at all. */
const env = {
  ...Object.fromEntries(Object.values(ENV).map((name) => [name, 'x'])),
  [ENV.recipe]: JSON.stringify(DEFAULT_RECIPE),
  [ENV.generation]: '1',
  [ENV.maxAttempts]: '5',
  [ENV.conversions]: '1',
  AWS_REGION: 'us-east-1',
  AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
  LAMBDA_TASK_ROOT: '/var/task',
};

interface Compared {
  row: Pick<Row, 'id' | 'workload' | 'target'>;
  entry: string;
  external?: string[];
}

/**
 * Compares how long a fresh process takes to import a function, as it is deployed and as esbuild would bundle it when
 * it is told nothing but where to begin. In turn, so that a noisy machine is unfair to neither.
 */
export async function compareImports({ row, entry, external = [] }: Compared): Promise<void> {
  // Below the checkout, where the bundles find what is outside them.
  mkdirSync('dist', { recursive: true });
  const folder = mkdtempSync(join(process.cwd(), 'dist/cold-import-'));
  try {
    const [deployed, naive] = [join(folder, 'deployed.cjs'), join(folder, 'naive.cjs')];
    const { code } = await bundleFunction(entry);
    await writeFile(deployed, await shrunk(code));
    await build({
      entryPoints: [entry],
      outfile: naive,
      bundle: true,
      platform: 'node',
      external,
      logLevel: 'warning',
    });
    const times = { deployed: [] as number[], naive: [] as number[] };
    for (let round = 0; round <= ROUNDS; round += 1) {
      const time = { deployed: importMilliseconds(deployed), naive: importMilliseconds(naive) };
      // The first of each brings the files into the system's cache.
      if (round === 0) continue;
      times.deployed.push(time.deployed);
      times.naive.push(time.naive);
    }
    const ratio = median(times.deployed) / median(times.naive);
    process.stdout.write(
      `medians of ${ROUNDS}: deployed ${median(times.deployed).toFixed(0)} ms, naive ${median(times.naive).toFixed(0)} ms\n`,
    );
    report({
      ...row,
      against: 'naive bundle of the same code',
      measured: `${ratio.toFixed(2)} (Node ${process.versions.node}, ${availableParallelism()} cores)`,
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function importMilliseconds(bundle: string): number {
  return Number(execFileSync(process.execPath, ['-e', IMPORT, bundle], { env, encoding: 'utf8' }));
}
