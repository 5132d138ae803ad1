import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { MUTANTS, type Edit, type Mutant } from '../test/mutants.ts';

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
  'cdk',
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
} = new Command('mutants')
  .description('show that each known wrong version of the production code is caught')
  .option('--only <text>', 'those whose name contains it')
  .option('--from <text>', 'begin with the one whose name contains it')
  .option('--seeds <n>', 'how many seeds the simulation runs', String(SEEDS))
  .parse()
  .opts<{ only?: string; from?: string; seeds: string }>();

const first = begin === undefined ? 0 : MUTANTS.findIndex(({ name }) => name.includes(begin));
if (first < 0) throw new Error(`no mutant is called ${begin}`);
const chosen = MUTANTS.slice(first).filter(({ name }) => only === undefined || name.includes(only));
if (chosen.length === 0) throw new Error(`no mutant is called ${only}`);

await rm(COPY, { recursive: true, force: true });
await mkdir(COPY, { recursive: true });
for (const name of COPIED) await cp(join(ROOT, name), join(COPY, name), { recursive: true });
await symlink(join(ROOT, 'node_modules'), join(COPY, 'node_modules'));

let survivors = 0;
try {
  for (const suite of new Set(chosen.map((mutant) => String(mutant.suite)))) {
    const { passed, output } = await runSuite({ suite: suite === 'simulation' ? suite : suite.split(',') });
    if (!passed) throw new Error(`${suite} fails without any mutant: ${output.slice(-2000)}`);
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

async function withMutation<T>(mutant: Mutant, run: () => Promise<T>): Promise<T> {
  const edits = 'edits' in mutant ? mutant.edits : [mutant];
  const files = [...new Set(edits.map(({ file }) => file))];
  const originals = await Promise.all(files.map((file) => readFile(join(COPY, file), 'utf8')));
  try {
    for (const edit of edits) await apply(edit);
    return await run();
  } finally {
    for (const [index, file] of files.entries()) await writeFile(join(COPY, file), originals[index] ?? '');
  }
}

async function apply({ file, from, to }: Edit): Promise<void> {
  const path = join(COPY, file);
  const parts = (await readFile(path, 'utf8')).split(from);
  if (parts.length !== 2)
    throw new Error(`${file} has "${from}" ${parts.length - 1} times; a mutant needs it once`);
  await writeFile(path, parts.join(to));
}

interface SuiteRun {
  passed: boolean;
  /** What did not hold: the line of a seed, or the message of a test that ran and failed. */
  evidence: string | undefined;
  output: string;
}

async function runSuite({ suite }: Pick<Mutant, 'suite'>): Promise<SuiteRun> {
  const simulated = suite === 'simulation';
  const args = simulated
    ? ['--import', 'tsx', 'scripts/simulate.ts', '--seeds', seeds]
    : [
        'node_modules/vitest/vitest.mjs',
        'run',
        '--reporter=default',
        '--reporter=json',
        `--outputFile.json=${VITEST_REPORT}`,
        ...suite,
      ];
  await rm(VITEST_REPORT, { force: true });
  const child = spawn(process.execPath, args, {
    cwd: COPY,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: HOUR_MILLISECONDS,
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  await once(child, 'close');
  const evidence = simulated ? /^seed \d+: .*$/m.exec(output)?.[0] : await failedTest();
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
