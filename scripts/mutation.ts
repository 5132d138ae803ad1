import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { Argument, Command } from 'commander';
import { glob } from 'tinyglobby';
import { coversAny, currentPart, gapsOf } from './mutation/gaps.ts';
import { keepDetected } from './mutation/keep-detected.ts';
import type { Report } from './mutation/report.ts';
import { scoresByFolder, tableOf } from './mutation/scores.ts';
import { globsIn, SLICES, sliceOf } from './mutation/slices.js';
import { survivorsOf } from './mutation/survivors.ts';

/** Runs Stryker on a slice of the production code, or prints the results of its last runs. */

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const slices = Object.keys(SLICES);

const program = new Command('mutation')
  .description('mutate the production code and measure how many mutants its tests kill')
  .addArgument(new Argument('[slice]', 'the code to mutate').choices(slices))
  .option('--files <list>', 'only these files of the slice, comma-separated (globs, or path:from-to lines)')
  .option(
    '--tests <list>',
    'run these tests instead, such as the slow ones that the slice excludes; killed mutants stay killed',
  )
  .option('--no-build', 'do not build first, because the tests need no built code')
  .option('--force', 'test every mutant again, even if its code and tests are unchanged')
  .option('--static', 'also mutate code that runs once, when a module is loaded; slow, so for a few files')
  .option('--simulation', 'also test the worker with the simulation, for mutants that its other tests miss')
  .option('--table', 'print the scores of the last runs as a table, without running anything')
  .option('--survivors', 'list the mutants that survived the last run, without running anything')
  .parse();
const options = program.opts<{
  files?: string;
  tests?: string;
  build: boolean;
  force?: true;
  static?: true;
  simulation?: true;
  table?: true;
  survivors?: true;
}>();
const [slice] = program.args;

if (options.table !== true && options.survivors !== true) {
  if (slice === undefined) program.error(`slice missing; pass one of: ${slices.join(', ')}`);
  else process.exitCode = await run(slice);
}

const measurements = await Promise.all(
  (slice === undefined ? slices : [slice]).map(async (name) => ({
    slice: name,
    sources: await sourcesOf(name),
    report: await readReport(`${name}.incremental.json`),
  })),
);
const reports = measurements.map(currentPart);
if (options.survivors === true) print(survivorsOf(reports));
else process.stdout.write(tableOf(scoresByFolder(reports)));
print(gapsOf(measurements));

/** Returns the exit code. */
async function run(name: string): Promise<number> {
  await rm(pathOf(`${name}.json`), { force: true });
  const incremental = `${name}.incremental.json`;
  const before = await readReport(incremental);
  const stryker = spawn('npx', ['stryker', 'run', ...(options.force === true ? ['--force'] : [])], {
    cwd: ROOT,
    stdio: 'inherit',
    env: {
      ...process.env,
      MUTATION_SLICE: name,
      MUTATION_STATIC: String(options.static === true),
      MUTATION_SIMULATION: String(options.simulation === true),
      MUTATION_BUILD: String(options.build),
      ...(options.files === undefined ? {} : { MUTATION_FILES: options.files }),
      ...(options.tests === undefined ? {} : { MUTATION_TESTS: options.tests }),
    },
  });
  await once(stryker, 'close');
  if (stryker.exitCode !== 0) return stryker.exitCode ?? 1;
  const after = await readReport(incremental);
  if (options.tests !== undefined && options.force !== true && before !== undefined && after !== undefined) {
    const ran = new Set(await glob(globsIn(options.tests), { cwd: ROOT }));
    await writeFile(pathOf(incremental), JSON.stringify(keepDetected(before, after, ran)));
  }
  const report = await readReport(`${name}.json`);
  if (report !== undefined && coversAny(report)) return 0;
  process.stderr.write(
    'No test runs any of the mutants: the setup is broken, or the tests are for different code.\n',
  );
  return 1;
}

async function sourcesOf(name: string): Promise<ReadonlyMap<string, string>> {
  const paths = await glob([...sliceOf(name).mutate], { cwd: ROOT, ignore: '**/*.d.ts' });
  return new Map(
    await Promise.all(
      paths.toSorted().map(async (path) => [path, await readFile(`${ROOT}/${path}`, 'utf8')] as const),
    ),
  );
}

async function readReport(file: string): Promise<Report | undefined> {
  try {
    return JSON.parse(await readFile(pathOf(file), 'utf8')) as Report;
  } catch {
    return undefined;
  }
}

function pathOf(file: string): string {
  return `${ROOT}/reports/mutation/${file}`;
}

function print(lines: readonly string[]): void {
  for (const line of lines) process.stdout.write(`${line}\n`);
}
