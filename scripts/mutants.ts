import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { evidenceIn, hasRun, type VitestReport } from '../test/evidence.ts';
import { mutated, undefinedNames } from '../test/mutated.ts';
import { MUTANTS, type Mutant } from '../test/mutants.ts';

/** Applies each mutant to a copy of the project and checks that its suite catches it. */

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const COPIED = [
  'package.json',
  'package-lock.json',
  'LICENSE',
  'tsconfig.json',
  'vitest.config.ts',
  'bin',
  'src',
  'packages',
  'cdk',
  'examples',
  'test',
  'scripts',
  'docs',
];
/** Entries of node_modules that each copy creates for itself instead of sharing the checkout's. */
const NOT_LINKED = new Set(['.cache', '.vite', '.vite-temp', '@millrace']);
/** A mutant may never end. */
const HOUR_MILLISECONDS = 3_600_000;
/** The number that `npm test` runs. */
const SEEDS = 10_000;

const {
  only,
  from: begin,
  seeds,
  part,
  passing,
} = new Command('mutants')
  .description('check that the tests catch each mutant of the production code')
  .option('--only <text>', 'run only mutants whose name contains this text')
  .option('--from <text>', 'start with the first mutant whose name contains this text')
  .option('--seeds <n>', 'number of seeds for the simulation', String(SEEDS))
  .option('--part <k/n>', 'run every nth mutant, starting with the kth: 0/8 is the first of eight parts')
  .option(
    '--passing',
    'first run only the suites that have a shorter time limit without mutants; the others are known to pass',
  )
  .parse()
  .opts<{ only?: string; from?: string; seeds: string; part?: string; passing?: true }>();

const first = begin === undefined ? 0 : MUTANTS.findIndex(({ name }) => name.includes(begin));
if (first < 0) throw new Error(`no mutant's name contains ${begin}`);
const [kth = 0, parts = 1] = (part ?? '0/1').split('/').map(Number);
if (!(kth >= 0 && kth < parts)) throw new Error(`--part: expected k/n with 0 <= k < n, got ${part}`);
const chosen = MUTANTS.slice(first)
  .filter(({ name }) => only === undefined || name.includes(only))
  .filter((_, index) => index % parts === kth);
if (chosen.length === 0) throw new Error(`no mutant's name contains ${only}`);

// Not inside node_modules: esbuild ignores tsconfig.json there, so the bundles would differ from the checkout's.
const COPY = await mkdtemp(join(tmpdir(), 'millrace-mutants-'));
const VITEST_REPORT = join(COPY, 'vitest.json');

let survivors = 0;
try {
  for (const name of COPIED) await cp(join(ROOT, name), join(COPY, name), { recursive: true });
  await linkPackages();
  const suites = new Map(
    chosen.map((mutant) => [JSON.stringify([mutant.suite, mutant.test, mutant.testTimeout]), mutant]),
  );
  for (const mutant of suites.values()) {
    // A shorter time limit is tried nowhere else.
    if (passing === true && mutant.testTimeout === undefined) continue;
    const { passed, output } = await runSuite(mutant);
    if (!passed) throw new Error(`${String(mutant.suite)} fails without any mutant: ${output.slice(-2000)}`);
  }
  for (const mutant of chosen) {
    const begun = performance.now();
    const { passed, ran, evidence, output } = await withMutation(mutant, () => runMutant(mutant));
    const seconds = ((performance.now() - begun) / 1000).toFixed(1);
    // A mutant that cannot run proves nothing about the suite.
    if (!passed && evidence === undefined)
      throw new Error(
        `${mutant.name}: nothing shows that a test caught it (code that does not load does not count, and a timeout only with a testTimeout): ${output.slice(-2000)}`,
      );
    if (passed) survivors += 1;
    const survives = ran ? 'SURVIVES' : 'DID NOT RUN: all of its tests were skipped';
    const why = passed ? survives : `caught in ${seconds} s: ${evidence}`;
    process.stdout.write(`${mutant.name.padEnd(60)} ${why}\n`);
  }
} finally {
  await rm(COPY, { recursive: true, force: true });
}
process.stdout.write(`${chosen.length - survivors} of ${chosen.length} mutants are caught\n`);
process.exitCode = survivors > 0 ? 1 : 0;

/** Links the checkout's packages. Links the workspace's packages to their copies, which are mutated. */
async function linkPackages(): Promise<void> {
  const folder = join(COPY, 'node_modules');
  await mkdir(join(folder, '@millrace'), { recursive: true });
  for (const name of await readdir(join(ROOT, 'node_modules')))
    if (!NOT_LINKED.has(name)) await symlink(join(ROOT, 'node_modules', name), join(folder, name));
  for (const name of await readdir(join(COPY, 'packages')))
    await symlink(join(COPY, 'packages', name), join(folder, '@millrace', name));
}

async function withMutation<T>(mutant: Mutant, run: () => Promise<T>): Promise<T> {
  const inCopy = (file: string) => readFile(join(COPY, file), 'utf8');
  const texts = await mutated(mutant, inCopy);
  const undefinedOnes = await undefinedNames(texts);
  if (undefinedOnes.length > 0) throw new Error(`${mutant.name}: ${undefinedOnes.join('; ')}`);
  const originals = new Map<string, string>();
  for (const file of texts.keys()) originals.set(file, await inCopy(file));
  const write = async (files: ReadonlyMap<string, string>) => {
    for (const [file, text] of files) await writeFile(join(COPY, file), text);
  };
  try {
    await write(texts);
    return await run();
  } finally {
    await write(originals);
  }
}

interface SuiteRun {
  passed: boolean;
  /** Whether any test ran. */
  ran: boolean;
  /** The failure: the line of a seed, or what a test that ran and failed says. */
  evidence: string | undefined;
  output: string;
}

/** Returns Node's arguments for running a mutant's tests. */
function argumentsOf(files: readonly string[], { test, testTimeout }: Mutant): string[] {
  return [
    'node_modules/vitest/vitest.mjs',
    'run',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${VITEST_REPORT}`,
    ...(test === undefined ? [] : [`--testNamePattern=${test}`]),
    ...(testTimeout === undefined ? [] : [`--testTimeout=${testTimeout}`]),
    ...files,
  ];
}

/** Runs what must catch a mutant: first its seed, then its tests, or all seeds if its own did not catch it. */
async function runMutant(mutant: Mutant): Promise<SuiteRun> {
  const seed = mutant.seed === undefined ? undefined : await runSeeds(mutant.seed, 1);
  if (mutant.suite === 'simulation') return seed?.passed === false ? seed : runSuite(mutant);
  return seed?.passed === true ? seed : runSuite(mutant);
}

async function runSuite(mutant: Mutant): Promise<SuiteRun> {
  if (mutant.suite === 'simulation') return runSeeds(1, seeds);
  await rm(VITEST_REPORT, { force: true });
  const { passed, output } = await runNode(argumentsOf(mutant.suite, mutant));
  const report = await readReport();
  return {
    passed,
    ran: hasRun(report),
    evidence: short(evidenceIn(report, mutant.testTimeout !== undefined)),
    output,
  };
}

/** Simulates seeds until one catches the mutant. */
async function runSeeds(from: number, count: number | string): Promise<SuiteRun> {
  const range = ['--from', String(from), '--seeds', String(count)];
  const { passed, output } = await runNode(['--import', 'tsx', 'scripts/simulate.ts', ...range, '--first']);
  return { passed, ran: true, evidence: short(/^seed \d+: .*$/m.exec(output)?.[0]), output };
}

async function runNode(options: string[]): Promise<{ passed: boolean; output: string }> {
  const child = spawn(process.execPath, options, {
    cwd: COPY,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: HOUR_MILLISECONDS,
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  await once(child, 'close');
  return { passed: child.exitCode === 0, output };
}

/** Returns the beginning of a text, without colors. */
function short(text: string | undefined): string | undefined {
  return text?.replaceAll(/\u001b\[\d+m/g, '').slice(0, 110);
}

async function readReport(): Promise<VitestReport> {
  return JSON.parse(await readFile(VITEST_REPORT, 'utf8').catch(() => '{}')) as VitestReport;
}
