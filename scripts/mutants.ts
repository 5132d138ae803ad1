import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { mutated, undefinedNames } from '../test/mutated.ts';
import { MUTANTS, type Mutant } from '../test/mutants.ts';

/** Applies each wrong version to a copy of the project and shows that its suite catches it. */

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const COPY = join(ROOT, 'node_modules/.cache/millrace-mutants');
const COPIED = [
  'package.json',
  'package-lock.json',
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
const VITEST_REPORT = join(COPY, 'vitest.json');
/** Errors of a mutant that does not load or is no program: no test has judged it. */
const NO_PROGRAM =
  /^(SyntaxError|ReferenceError)|Cannot find (module|package)|is not a function|timed out in/;
/** A mutant may never end. */
const HOUR_MILLISECONDS = 3_600_000;
/** As many as `npm test` runs. */
const SEEDS = 10_000;

const {
  only,
  from: begin,
  seeds,
  part,
  passing,
} = new Command('mutants')
  .description('show that each known wrong version of the production code is caught')
  .option('--only <text>', 'those whose name contains it')
  .option('--from <text>', 'begin with the one whose name contains it')
  .option('--seeds <n>', 'how many seeds the simulation runs', String(SEEDS))
  .option('--part <k/n>', 'every nth of them, beginning with the kth: 0/8 is the first part of eight')
  .option('--passing', 'the suites are known to pass without any mutant')
  .parse()
  .opts<{ only?: string; from?: string; seeds: string; part?: string; passing?: true }>();

const first = begin === undefined ? 0 : MUTANTS.findIndex(({ name }) => name.includes(begin));
if (first < 0) throw new Error(`no mutant is called ${begin}`);
const [kth = 0, parts = 1] = (part ?? '0/1').split('/').map(Number);
if (!(kth >= 0 && kth < parts)) throw new Error(`--part is k/n with 0 <= k < n, not ${part}`);
const chosen = MUTANTS.slice(first)
  .filter(({ name }) => only === undefined || name.includes(only))
  .filter((_, index) => index % parts === kth);
if (chosen.length === 0) throw new Error(`no mutant is called ${only}`);

await rm(COPY, { recursive: true, force: true });
await mkdir(COPY, { recursive: true });
for (const name of COPIED) await cp(join(ROOT, name), join(COPY, name), { recursive: true });
await linkPackages();

let survivors = 0;
try {
  const suites = new Map(chosen.map((mutant) => [JSON.stringify(argumentsOf(mutant)), mutant]));
  for (const mutant of passing === true ? [] : suites.values()) {
    const { passed, output } = await runSuite(mutant);
    if (!passed) throw new Error(`${String(mutant.suite)} fails without any mutant: ${output.slice(-2000)}`);
  }
  for (const mutant of chosen) {
    const begun = performance.now();
    const { passed, evidence, output } = await withMutation(mutant, () => runSuite(mutant));
    const seconds = ((performance.now() - begun) / 1000).toFixed(1);
    // What cannot even run says nothing about the suite.
    if (!passed && evidence === undefined)
      throw new Error(`${mutant.name}: it failed, but no test did: ${output.slice(-2000)}`);
    if (passed) survivors += 1;
    const why = passed ? 'SURVIVES' : `caught in ${seconds} s: ${evidence}`;
    process.stdout.write(`${mutant.name.padEnd(60)} ${why}\n`);
  }
} finally {
  await rm(COPY, { recursive: true, force: true });
}
process.stdout.write(`${chosen.length - survivors} of ${chosen.length} mutants are caught\n`);
process.exitCode = survivors > 0 ? 1 : 0;

/** Links the packages of the checkout, except those of the workspace: their copies are what is mutated. */
async function linkPackages(): Promise<void> {
  const folder = join(COPY, 'node_modules');
  await mkdir(join(folder, '@millrace'), { recursive: true });
  for (const name of await readdir(join(ROOT, 'node_modules')))
    if (name !== '.cache' && name !== '@millrace')
      await symlink(join(ROOT, 'node_modules', name), join(folder, name));
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
  /** What did not hold: the line of a seed, or the message of a test that ran and failed. */
  evidence: string | undefined;
  output: string;
}

/** Node's arguments that run the suite of a mutant. */
function argumentsOf({ suite, test, testTimeout }: Mutant): string[] {
  if (suite === 'simulation') return ['--import', 'tsx', 'scripts/simulate.ts', '--seeds', seeds];
  return [
    'node_modules/vitest/vitest.mjs',
    'run',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${VITEST_REPORT}`,
    ...(test === undefined ? [] : [`--testNamePattern=${test}`]),
    ...(testTimeout === undefined ? [] : [`--testTimeout=${testTimeout}`]),
    ...suite,
  ];
}

async function runSuite(mutant: Mutant): Promise<SuiteRun> {
  await rm(VITEST_REPORT, { force: true });
  const child = spawn(process.execPath, argumentsOf(mutant), {
    cwd: COPY,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: HOUR_MILLISECONDS,
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  await once(child, 'close');
  const evidence = mutant.suite === 'simulation' ? /^seed \d+: .*$/m.exec(output)?.[0] : await failedTest();
  return {
    passed: child.exitCode === 0,
    evidence: evidence?.replaceAll(/\u001b\[\d+m/g, '').slice(0, 110),
    output,
  };
}

/** The first message of a test that ran and failed; a file that could not be loaded has no tests. */
async function failedTest(): Promise<string | undefined> {
  const report = JSON.parse(await readFile(VITEST_REPORT, 'utf8').catch(() => '{}')) as {
    testResults?: { assertionResults: { status: string; failureMessages: string[] }[] }[];
  };
  const messages = (report.testResults ?? []).flatMap(({ assertionResults }) =>
    assertionResults.filter(({ status }) => status === 'failed').flatMap((test) => test.failureMessages),
  );
  return messages.find((message) => !NO_PROGRAM.test(message))?.split('\n')[0];
}
