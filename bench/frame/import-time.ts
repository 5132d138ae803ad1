import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import { bundleFunction, shrunk } from '../../scripts/build/functions.ts';
import { ENV } from '../../src/core/env.ts';
import { DEFAULT_RECIPE } from '../../src/core/recipe.ts';
import type { Bench, Benchmark, Measured, Target } from './benchmark.ts';
import { inTurn, median, ratioOf } from './statistics.ts';

const IMPORT = `
  const begun = process.hrtime.bigint();
  require(process.argv[1]);
  process.stdout.write(String(Number(process.hrtime.bigint() - begun) / 1e6));
`;

/** The environment that functions need when they are imported. */
const env = {
  ...Object.fromEntries(
    Object.values(ENV)
      // Left out, so that there are only image conversions.
      .filter((name) => name !== ENV.config)
      .map((name) => [name, 'x']),
  ),
  [ENV.recipe]: JSON.stringify(DEFAULT_RECIPE),
  [ENV.generation]: '1',
  [ENV.maxAttempts]: '5',
  [ENV.conversions]: '1',
  AWS_REGION: 'us-east-1',
  AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
  LAMBDA_TASK_ROOT: '/var/task',
};

interface Import {
  id: string;
  workload: string;
  /** The function's entry. */
  entry: string;
  external?: string[];
  target?: Target;
}

/**
 * Compares the time that a new process takes to import a function as deployed and as esbuild bundles it without
 * options.
 */
export function importBenchmark({ id, workload, ...compared }: Import): Benchmark {
  return {
    id,
    workload,
    baseline: 'naive bundle of the same code',
    run: (bench) => compare(bench, compared),
  };
}

async function compare(
  bench: Bench,
  { entry, external = [], target }: Omit<Import, 'id' | 'workload'>,
): Promise<Measured[]> {
  // In the checkout, where the bundles find external packages.
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
      logLevel: 'error',
    });
    const times = await inTurn(bench.sized({ quick: 3, default: 31, full: 101 }), {
      deployed: () => importMilliseconds(deployed),
      naive: () => importMilliseconds(naive),
    });
    bench.note(
      `deployed ${median(times.deployed).toFixed(0)} ms, naive ${median(times.naive).toFixed(0)} ms`,
    );
    return [{ ...ratioOf(times.deployed, times.naive), ...(target === undefined ? {} : { target }) }];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function importMilliseconds(bundle: string): number {
  return Number(execFileSync(process.execPath, ['-e', IMPORT, bundle], { env, encoding: 'utf8' }));
}
