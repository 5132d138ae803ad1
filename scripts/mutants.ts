import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
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
  'cdk',
  'test',
  'scripts',
  'docs',
];
/** As many as `npm test` runs. */
const SEEDS = 10_000;

const { only } = new Command('mutants')
  .description('show that each known wrong version of the production code is caught')
  .option('--only <text>', 'those whose name contains it')
  .parse()
  .opts<{ only?: string }>();

const chosen = MUTANTS.filter(({ name }) => only === undefined || name.includes(only));
if (chosen.length === 0) throw new Error(`no mutant is called ${only}`);

await rm(COPY, { recursive: true, force: true });
await mkdir(COPY, { recursive: true });
for (const name of COPIED) await cp(join(ROOT, name), join(COPY, name), { recursive: true });
await symlink(join(ROOT, 'node_modules'), join(COPY, 'node_modules'));

let survivors = 0;
try {
  for (const suite of new Set(chosen.map((mutant) => String(mutant.suite)))) {
    const { passed, output } = await passes({ suite: suite === 'simulation' ? suite : suite.split(',') });
    if (!passed) throw new Error(`${suite} fails without any mutant: ${evidence(output)}`);
  }
  for (const mutant of chosen) {
    const begun = performance.now();
    const { passed, output } = await withMutation(mutant, () => passes(mutant));
    if (passed) survivors += 1;
    const seconds = ((performance.now() - begun) / 1000).toFixed(1);
    const why = passed ? 'SURVIVES' : `caught in ${seconds} s`;
    process.stdout.write(`${mutant.name.padEnd(60)} ${why}${passed ? '' : `: ${evidence(output)}`}\n`);
  }
} finally {
  await rm(COPY, { recursive: true, force: true });
}
process.stdout.write(`${chosen.length - survivors} of ${chosen.length} mutants are caught\n`);
process.exitCode = survivors > 0 ? 1 : 0;

async function withMutation<T>({ file, from, to }: Mutant, run: () => Promise<T>): Promise<T> {
  const path = join(COPY, file);
  const original = await readFile(path, 'utf8');
  const parts = original.split(from);
  if (parts.length !== 2)
    throw new Error(`${file} has "${from}" ${parts.length - 1} times; a mutant needs it once`);
  await writeFile(path, parts.join(to));
  try {
    return await run();
  } finally {
    await writeFile(path, original);
  }
}

async function passes({ suite }: Pick<Mutant, 'suite'>): Promise<{ passed: boolean; output: string }> {
  const args =
    suite === 'simulation'
      ? ['--import', 'tsx', 'scripts/simulate.ts', '--seeds', String(SEEDS)]
      : ['node_modules/vitest/vitest.mjs', 'run', ...suite];
  const child = spawn(process.execPath, args, { cwd: COPY, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  await once(child, 'close');
  return { passed: child.exitCode === 0, output };
}

/** The first line that says what did not hold. */
function evidence(output: string): string {
  const line = output.split('\n').find((each) => /^seed \d+:|AssertionError|^Error:| FAIL /.test(each));
  return (line ?? 'the suite failed')
    .replaceAll(/\u001b\[\d+m/g, '')
    .trim()
    .slice(0, 110);
}
